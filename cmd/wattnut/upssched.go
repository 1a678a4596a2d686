package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/sched"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/conf"
)

const (
	schedIdle  = 15 * time.Second // without a timer, until the daemon ends
	schedStart = 15 * time.Second // for a daemon to be there
)

// schedule is a call of upssched.
type schedule struct {
	call   call
	config *sched.Config
	client *sched.Client
	level  slog.Level // of what is told
	log    *slog.Logger
}

// runUpssched does what upssched.conf asks for at the event that upsmon tells
// of in the environment. Timers run in a process of their own, which it starts.
func runUpssched(ctx context.Context, c call) int {
	notice, isDaemon := daemon.Adopt()
	list, debug := false, 0
	opts := getopt.New(c.name, c.args, schedManual().Letters())
	for opt := range opts.All() {
		switch opt {
		case 'D':
			debug++
		case 'V':
			banner(c.stdout, c.name)
			return 0
		case 'h':
			c.help(schedManual())
			return 0
		case 'l':
			list = true
		}
	}
	if err := opts.Err(); err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	event, known := eventOf(opts.Rest())
	if !list && !known {
		fmt.Fprintf(c.stderr, "%s: UPSNAME and NOTIFYTYPE have to be in the environment: upsmon calls this program as its NOTIFYCMD\n", c.name)
		return 1
	}
	s, err := newSchedule(c, debug)
	switch {
	case err != nil:
		fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
		return 1
	case isDaemon:
		return s.code(s.serve(ctx, notice))
	case list:
		return s.code(s.list(ctx))
	}
	return s.code(s.event(ctx, event))
}

func schedManual() manual.Manual {
	return manual.Manual{
		About: "Runs CMDSCRIPT at the events of upsmon, at once or later, as upssched.conf says.\nupsmon calls it as NOTIFYCMD, with UPSNAME and NOTIFYTYPE in the environment.",
		Forms: []string{"[-D] [MESSAGE]", "-l"}, Taken: "+",
		Options: []manual.Option{
			{"-l", "list the timers that run: name, end, seconds left, NOTIFYTYPE, UPSNAME, NOTIFYMSG"},
			{"-D", "tell more"},
			{"-V", "show the version"},
			{"-h", "show this"},
		},
	}
}

// eventOf is what upsmon tells of.
func eventOf(words []string) (e sched.Event, known bool) {
	ups, hasUPS := os.LookupEnv("UPSNAME")
	kind, hasType := os.LookupEnv("NOTIFYTYPE")
	e = sched.Event{Type: kind, UPS: ups}
	if len(words) > 0 {
		e.Message = words[0]
	}
	return e, hasUPS && hasType
}

// newSchedule reads the configuration, and tells what is wrong in it.
func newSchedule(c call, debug int) (*schedule, error) {
	rules, problems, err := readSchedule(config.Dir(""))
	if err != nil {
		return nil, err
	}
	least := conf.Error
	level := slog.LevelInfo
	if max(debug, rules.Debug) > 0 {
		least, level = conf.Warning, slog.LevelDebug
	}
	for _, p := range problems {
		if p.Severity >= least {
			fmt.Fprintf(c.stderr, "%s: %v\n", c.name, p)
		}
	}
	return &schedule{
		call: c, config: rules,
		client: &sched.Client{Pipe: rules.Pipe, Lock: rules.Lock, Start: startSchedule},
		level:  level,
		log:    slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: level})),
	}, nil
}

// startSchedule starts this program anew, as the daemon.
func startSchedule(ctx context.Context) error {
	code, err := daemon.Detach(ctx)
	if err == nil && code != 0 {
		err = fmt.Errorf("upssched's daemon ended with code %d", code)
	}
	return err
}

func (s *schedule) code(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(s.call.stderr, "%s: %v\n", s.call.name, err)
	return 1
}

func (s *schedule) list(ctx context.Context) error {
	if s.config.Pipe == "" {
		return errors.New("upssched.conf has no PIPEFN")
	}
	ctx, cancel := context.WithTimeout(ctx, schedStart)
	defer cancel()
	rows, err := s.client.List(ctx)
	for _, row := range rows {
		fmt.Fprintln(s.call.stdout, row)
	}
	return err
}

// event carries out what is to be done, all of it even where a part fails.
func (s *schedule) event(ctx context.Context, e sched.Event) error {
	output, _ := s.call.stdout.(*os.File)
	scripts := &sched.Scripts{Log: s.log, Output: output}
	run := func(name string) error {
		return scripts.Run(context.WithoutCancel(ctx), s.config.Script, sched.Command{Name: name, Causes: []sched.Event{e}})
	}
	var all error
	for _, o := range s.config.Orders(e) {
		s.log.Debug("order", "do", o.Verb.String(), "name", o.Name)
		err := s.carryOut(ctx, o, run)
		all = errors.Join(all, err)
	}
	return all
}

func (s *schedule) carryOut(ctx context.Context, o sched.Order, run func(string) error) error {
	if o.Verb == sched.Execute {
		return run(o.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, schedStart)
	defer cancel()
	err := s.client.Send(ctx, o)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, sched.ErrNoDaemon):
		return fmt.Errorf("%s %s: %w", o.Verb, o.Name, err)
	case o.Command == "":
		return nil
	}
	return run(o.Command)
}

// serve is the daemon, which runs the timers until it has had none for a while.
func (s *schedule) serve(ctx context.Context, notice *daemon.Notice) error {
	listener, err := sched.Listen(ctx, s.config.Pipe)
	if errors.Is(err, sched.ErrRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	log := systemLog(s.call.name, s.level)
	scheduler := sched.New(s.config, sched.Options{Log: log, Run: &sched.Scripts{Log: log}, Idle: schedIdle})
	if err := notice.Ready(); err != nil {
		listener.Close()
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	var server sync.WaitGroup
	server.Go(func() {
		defer stop()
		err = sched.Serve(ctx, listener, scheduler, log)
	})
	scheduler.Run(ctx)
	stop()
	server.Wait()
	return err
}
