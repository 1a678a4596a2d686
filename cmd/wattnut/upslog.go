package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/nut"
)

// upslog writes what UPSes say to files, time and again.
type upslog struct {
	call

	logOptions
	layout logFormat
	names  []nut.Name
	host   string
	sinks  logSinks
}

func runUpslog(ctx context.Context, c call) int {
	u := upslog{call: c, logOptions: defaultLogOptions()}
	if code, done := u.parse(c); done {
		return code
	}
	notice, child := daemon.Adopt()
	if !child {
		banner(c.stdout, c.name)
	}
	if err := u.settle(); err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	if !child {
		u.announce()
	}
	if u.background() && !child {
		code, err := daemon.Detach(ctx)
		if err != nil {
			fmt.Fprintln(c.stderr, "upslog:", err)
		}
		return code
	}
	if err := u.run(ctx, notice); err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	return 0
}

// announce says what will be written where.
func (u *upslog) announce() {
	for _, s := range u.sources {
		fmt.Fprintf(u.stdout, "logging status of %s to %s (%ds intervals)\n", s.text, s.file, int(u.interval/time.Second))
	}
}

// run writes until ctx ends or there are samples enough.
func (u *upslog) run(ctx context.Context, notice *daemon.Notice) error {
	u.layout, u.names = parseLogFormat(u.format)
	if u.host, _ = os.Hostname(); u.host == "" {
		u.host = "localhost"
	}
	u.sinks = logSinks{stdout: u.stdout, stderr: u.stderr}
	for _, s := range u.sources {
		if err := s.connect(ctx); err != nil {
			fmt.Fprintln(u.stderr, "Warning: initial connect failed: "+libraryText(err))
		}
		defer s.close(context.WithoutCancel(ctx))
	}
	if err := u.sinks.open(u.sources); err != nil {
		return err
	}
	defer u.sinks.close()
	if u.user != "" {
		if err := daemon.Become(u.user); err != nil {
			return err
		}
	}
	pidFile := daemon.RootPIDFile(u.pidBase)
	if err := pidFile.Write(); err != nil {
		fmt.Fprintln(u.stderr, "upslog:", err) // NUT's goes on as well
	}
	defer pidFile.Remove() //nolint:errcheck // it may not be ours
	if err := notice.Ready(); err != nil {
		return fmt.Errorf("upslog: %w", err)
	}
	u.loop(ctx)
	return nil
}

func (u *upslog) loop(ctx context.Context) {
	reopen, now, stop := logSignals()
	defer stop()
	tick := time.NewTicker(u.interval)
	defer tick.Stop()
	u.sample(ctx)
	for n := 1; u.count == 0 || n < u.count; {
		select {
		case <-ctx.Done():
			return
		case <-reopen:
			if err := u.sinks.open(u.sources); err != nil {
				fmt.Fprintln(u.stderr, err) // and keep those that are open
			}
			continue
		case <-now:
		case <-tick.C:
		}
		u.sample(ctx)
		n++
	}
}

// sample asks all servers at once and writes the lines in the order of the
// sources.
func (u *upslog) sample(ctx context.Context) {
	now := time.Now()
	records := make([][]logRecord, len(u.sources))
	var all sync.WaitGroup
	for i, s := range u.sources {
		all.Go(func() { records[i] = s.sample(ctx, u.names) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return // what is missing then was not missing
	}
	for i, s := range u.sources {
		for _, r := range records[i] {
			r.host, r.pid, r.time = u.host, os.Getpid(), now
			u.sinks.write(s.file, u.layout.append(nil, &r))
		}
	}
}
