package sched

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Executor runs commands soon, and does not wait for them. [Scripts] is one.
type Executor interface {
	Submit(script []string, c Command)
}

// Options of a [Scheduler].
type Options struct {
	Log *slog.Logger // needed
	Run Executor     // needed

	// File keeps the timers, so that they outlive this process; "" for not at
	// all. A timer that ended just before this process did may run twice.
	File string
	// Overdue is by how much a timer of the File may be late and still run its
	// command; 0 stands for 5 minutes. An older one is dropped.
	Overdue time.Duration
	// Settle is how long after the start no timer of the File runs, so that what
	// has changed meanwhile can cancel it: power may be back. 0 stands for 10 s.
	Settle time.Duration
	// Idle ends Run after that long without a timer; 0 for never.
	Idle time.Duration
}

// Scheduler runs timers. Make one with [New]; its methods may be called from
// any goroutine, and none but Run waits for anything.
type Scheduler struct {
	options Options
	changed chan struct{} // Run should look at the timers
	unsaved chan struct{} // the file should be written

	mu     sync.Mutex
	config *Config
	timers Timers
	used   time.Time // when somebody last wanted something
	closed bool      // Run is idle, and has ended
}

// ErrClosed tells that a Scheduler has ended, being idle.
var ErrClosed = errors.New("the scheduler has ended")

// New makes a Scheduler, with the timers of its file. That the file is broken
// costs the timers, and a sentence in the log.
func New(config *Config, o Options) *Scheduler {
	o.Overdue, o.Settle = orElse(o.Overdue, 5*time.Minute), orElse(o.Settle, 10*time.Second)
	s := &Scheduler{
		options: o, config: config, used: time.Now(),
		changed: make(chan struct{}, 1), unsaved: make(chan struct{}, 1),
	}
	if o.File != "" {
		s.timers = Timers{restore(o, time.Now())}
	}
	return s
}

// Reload changes what is done at events from now on. Timers that run are left
// alone; at their end, they run the new CMDSCRIPT.
func (s *Scheduler) Reload(config *Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config = config
}

// Event does what the configuration asks for at an event.
func (s *Scheduler) Event(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.config.Orders(e) {
		if err := s.apply(o); err != nil {
			s.options.Log.Error("order not carried out", "order", o.Verb.String(), "ups", e.UPS, "type", e.Type, "error", err)
		}
	}
}

// Found tells what a UPS was found to be at the start of the agent, as the
// event that would have led there. Nothing is run or started for it, but what
// it cancels is cancelled, as far as events of the same UPS have started it: a
// timer of the file may have waited for just that.
func (s *Scheduler) Found(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.config.Orders(e) {
		if o.Verb == CancelTimer {
			o.Verb, o.Cause.Type = CancelMatched, "" // whatever type started it
		}
		if o.Verb.Cancels() {
			o.Command = ""
			s.apply(o) //nolint:errcheck // a cancel can only come too late
		}
	}
}

// Apply carries out one order. The error is [ErrClosed], or tells that a timer
// was refused.
func (s *Scheduler) Apply(o Order) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apply(o)
}

func (s *Scheduler) apply(o Order) error {
	if s.closed {
		return ErrClosed
	}
	now := time.Now()
	s.used = now
	commands, err := s.timers.Apply(now, o)
	s.submit(commands)
	s.touch()
	return err
}

// Timers is a copy of those that run, in the order of their start. The error
// is [ErrClosed].
func (s *Scheduler) Timers() ([]Timer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	return s.timers.All(), nil
}

// Run runs the timers until ctx ends, or until it is idle if that is asked
// for. The scripts that run then are left to themselves.
func (s *Scheduler) Run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	var saver sync.WaitGroup
	saver.Go(func() { s.save(ctx) })
	defer saver.Wait()
	defer stop()
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		wait, more := s.step(time.Now())
		if !more {
			return
		}
		alarm.Reset(wait)
		select {
		case <-alarm.C:
		case <-s.changed:
		case <-ctx.Done():
			return
		}
	}
}

// maxWait bounds how long Run sleeps where nothing is to be done.
const maxWait = time.Hour

// step does what is due, and tells how long to wait for more; more is false
// when the scheduler is idle, which closes it.
func (s *Scheduler) step(now time.Time) (wait time.Duration, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if due := s.timers.Expire(now); len(due) > 0 {
		s.submit(due)
		s.used = now
		notify(s.unsaved)
	}
	end, running := s.timers.Next()
	switch {
	case running:
		return min(end.Sub(now), maxWait), true
	case s.options.Idle == 0:
		return maxWait, true
	}
	wait = s.options.Idle - now.Sub(s.used)
	s.closed = wait <= 0
	return wait, !s.closed
}

func (s *Scheduler) submit(commands []Command) {
	for _, c := range commands {
		s.options.Run.Submit(s.config.Script, c)
	}
}

// touch says that the timers may have changed.
func (s *Scheduler) touch() {
	notify(s.changed)
	notify(s.unsaved)
}

func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
