package driversocket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/wattnut/wattnut/nut"
)

// Core is what the program around the device does on request, under the names
// that the core of NUT's drivers has for it. The functions are called from any
// goroutine; those with a context may take their time. What is nil is not
// offered.
type Core struct {
	// Exit ends the program, soon after it returns.
	Exit func()
	// Killpower has the device cut the power of the load.
	Killpower func(ctx context.Context) error
	// AllowKillpower is driver.flag.allow_killpower at the start: without
	// it driver.killpower is refused. A client may set it.
	AllowKillpower bool
	// Reload reads the configuration again.
	Reload func(ctx context.Context, how Reload) error
	// Debug sets how much is logged; DebugLevel is what it is at the start.
	Debug      func(level int)
	DebugLevel int
}

// Reload is what happens where a reload cannot put the new configuration into
// effect.
type Reload nut.Name

// The ways to reload.
const (
	ReloadSome    Reload = "driver.reload"          // what can be changed, is
	ReloadOrError Reload = "driver.reload-or-error" // and what cannot, is an error
	ReloadOrExit  Reload = "driver.reload-or-exit"  // or ends the program, to be started anew
)

var reloads = []Reload{ReloadSome, ReloadOrError, ReloadOrExit}

const (
	allowKillpower nut.Name = "driver.flag.allow_killpower"
	debugLevel     nut.Name = "driver.debug"

	cmdKillpower nut.Name = "driver.killpower"
	cmdShutdown  nut.Name = "shutdown.default"
	cmdExit      nut.Name = "driver.exit" // not announced, as in NUT
)

// flags is what clients can set of the Core, guarded by Server.mu.
type flags struct {
	allow bool
	debug int
}

// overlay adds what the Core offers to the facts. The caller holds the lock.
func (s *Server) overlay(facts *nut.Snapshot) *nut.Snapshot {
	var d nut.Draft
	for v := range facts.Variables() {
		d.Put(v)
	}
	for name := range facts.Commands() {
		d.AddCommand(name)
	}
	if s.Core.Killpower != nil {
		allow := "0"
		if s.flags.allow {
			allow = "1"
		}
		d.Put(nut.Variable{Name: allowKillpower, Value: allow, Writable: true})
		d.AddCommand(cmdKillpower)
		d.AddCommand(cmdShutdown)
	}
	if s.Core.Debug != nil {
		d.Put(nut.Variable{Name: debugLevel, Value: strconv.Itoa(s.flags.debug), Writable: true})
	}
	if s.Core.Reload != nil {
		for _, how := range reloads {
			d.AddCommand(nut.Name(how))
		}
	}
	return d.Freeze(facts.UPS, facts.Health, facts.Time)
}

// errNotCore: the order is for the device.
var errNotCore = errors.New("not for the core")

// set changes what a client may change of the Core.
func (s *Server) set(name nut.Name, value string) error {
	debug := s.Core.Debug != nil && name.Equal(debugLevel)
	allow := s.Core.Killpower != nil && name.Equal(allowKillpower)
	if !debug && !allow {
		return errNotCore
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return nut.ErrInvalidValue
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if debug {
		s.flags.debug = n
		s.Core.Debug(n)
	} else {
		s.flags.allow = n == 1
	}
	return nil
}

// command finds what the Core does under that name: the work, and what follows
// once its outcome is told. nil work means that the command is the device's.
func (s *Server) command(name nut.Name) (work func(context.Context) error, after func()) {
	c := &s.Core
	switch name = name.Fold(); {
	case name == cmdExit && c.Exit != nil:
		return func(context.Context) error { return nil }, c.Exit
	case name == cmdKillpower && c.Killpower != nil:
		return s.killpower, c.Exit
	case name == cmdShutdown && c.Killpower != nil && !s.UPS.Snapshot().Takes(name):
		return c.Killpower, nil
	case c.Reload != nil && slices.Contains(reloads, Reload(name)):
		return func(ctx context.Context) error { return c.Reload(ctx, Reload(name)) }, nil
	}
	return nil, nil
}

func (s *Server) killpower(ctx context.Context) error {
	s.mu.Lock()
	allowed := s.flags.allow
	s.mu.Unlock()
	if !allowed {
		return fmt.Errorf("%s is not 1: %w", allowKillpower, nut.ErrFailed)
	}
	return s.Core.Killpower(ctx)
}

// do works off a command of the Core, which may take its time. It does one at a
// time, and refuses others meanwhile.
func (s *Server) do(ctx context.Context, work func(context.Context) error, after func(), answer func(error)) {
	if !s.working.CompareAndSwap(false, true) {
		answer(nut.ErrFailed)
		return
	}
	s.tasks.Go(func() {
		err := work(ctx)
		s.working.Store(false)
		answer(err)
		if err == nil && after != nil {
			after()
		}
	})
}
