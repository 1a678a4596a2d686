package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/agent/sched"
	"github.com/wattnut/wattnut/nut/conf"
)

// timersFile is where the timers are in the state folder, so that they outlive
// the process.
const timersFile = "upssched.timers"

// inside is upssched within the process that watches: it hears each notice for
// NOTIFYCMD, where that is upssched.
type inside struct {
	scheduler *sched.Scheduler
	scripts   *sched.Scripts
	pipe      string // where upssched -l asks, as it was at the start; "" for nowhere
	log       *slog.Logger
}

func newInside(stateDir string, log *slog.Logger) *inside {
	i := &inside{scripts: &sched.Scripts{Log: log, Output: os.Stderr}, log: log}
	i.scheduler = sched.New(new(sched.Config), sched.Options{
		Log: log, Run: i.scripts, File: filepath.Join(stateDir, timersFile),
	})
	return i
}

// take has n tell the scheduler or run a program, as upsmon.conf says now and
// whether there is an upssched.conf in dir. It returns the scheduler's PIPEFN.
func (i *inside) take(n *monitor.Notices, cfg *config.UPSMon, dir string) (pipe string) {
	n.SetCommand(cfg.NotifyCmd)
	if cfg.RunUPSSched || len(cfg.NotifyCmd) == 0 || filepath.Base(cfg.NotifyCmd[0]) != "upssched" {
		return ""
	}
	rules, problems, err := readSchedule(dir)
	if err != nil {
		i.log.Warn("upssched is run as a program, which will tell the same", "error", err)
		return ""
	}
	for _, p := range problems {
		i.log.Warn("configuration", "problem", p.Error())
	}
	i.scheduler.Reload(rules)
	n.SetInstead(i.event)
	return rules.Pipe
}

func (i *inside) event(a monitor.Notify) {
	i.scheduler.Event(sched.Event{Type: a.Type.String(), UPS: a.UPS, Message: a.Message})
}

// found cancels what waited for a UPS to be what it was found to be.
func (i *inside) found(ups string, kinds []monitor.Type) {
	for _, k := range kinds {
		i.scheduler.Found(sched.Event{Type: k.String(), UPS: ups})
	}
}

// run runs the timers until ctx ends, and tells upssched -l of them.
func (i *inside) run(ctx context.Context) {
	var pipe sync.WaitGroup
	defer pipe.Wait()
	if i.pipe != "" {
		pipe.Go(func() { i.answer(ctx) })
	}
	i.scheduler.Run(ctx)
}

func (i *inside) answer(ctx context.Context) {
	l, err := sched.Listen(ctx, i.pipe)
	if err == nil {
		err = sched.Serve(ctx, l, i.scheduler, i.log)
	}
	if err != nil {
		i.log.Warn("upssched -l will not see the timers", "pipe", i.pipe, "error", err)
	}
}

// readSchedule reads upssched.conf. The error tells why nothing can be made of
// it.
func readSchedule(dir string) (*sched.Config, []conf.Problem, error) {
	file, err := os.Open(filepath.Join(dir, conf.UPSSchedConf.Name))
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	parsed, err := conf.Parse(conf.UPSSchedConf, file)
	if err != nil {
		return nil, nil, err
	}
	rules, problems := sched.Parse(parsed)
	problems = append(parsed.Problems, problems...)
	for _, p := range problems {
		if p.Severity >= conf.Fatal {
			err = errors.Join(err, p)
		}
	}
	return rules, problems, err
}

// teller is who tells people, and the scripts that follow from that.
type teller struct {
	*monitor.Notices

	scripts *sched.Scripts
	resolve *resolve
	also    monitor.Notifier // told everything, too; nil for nobody
}

// Notify implements [monitor.Notifier].
func (t teller) Notify(n monitor.Notify) {
	t.resolve.heed(n)
	t.Notices.Notify(n)
	if t.also != nil {
		t.also.Notify(n)
	}
}

// Flush waits until all is told and begun, or until ctx ends.
func (t teller) Flush(ctx context.Context) {
	t.Notices.Flush(ctx)
	t.scripts.Flush(ctx)
}
