package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/history"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/exporter/otlp"
	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/exporter/web"
	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/nut/conf"
)

// station is an agent and, where they are asked for, its web pages and its watch.
type station struct {
	agent   *agent.Agent
	log     *slog.Logger
	web     *web.Server
	pages   net.Listener                // nil for no web pages
	remotes *probe.Servers              // that may be asked for others; nil for none
	debug   func(context.Context) error // serves profiles; nil for none
	watch   *watchman                   // nil where nothing shuts this host down
	sender  *otlp.Exporter              // nil for no collector
	history *history.History            // nil for a server alone
	manager daemon.Manager              // that wants to be told
}

// build opens everything that c asks for.
func build(ctx context.Context, c *config.Config, o agent.Options) (*station, error) {
	s := &station{log: o.Log}
	o.Drivers, o.Version, o.Events, o.Snapshots = all.Drivers(), version, s.event, s.snapshot
	a, err := agent.New(ctx, c, o)
	if err != nil {
		return nil, err
	}
	s.agent = a
	if o.Attach {
		return s, nil
	}
	s.push(ctx, c)
	if err := s.openPages(ctx, c.Env, s.sources()...); err != nil {
		a.Close()
		return nil, err
	}
	s.history = history.Open(historyFile(c), o.Log)
	return s, nil
}

// run runs until ctx ends or a part fails, and reads the configuration again
// for each value on reload.
func (s *station) run(ctx context.Context, reload <-chan os.Signal, load func() *config.Config) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.agent.Run(ctx) })
	g.Go(func() error { return s.report(ctx, s.manager) })
	if s.pages != nil {
		g.Go(func() error { return s.web.Serve(ctx, s.pages) })
		defer s.remotes.Close()
	}
	if s.debug != nil {
		g.Go(func() error { return s.debug(ctx) })
	}
	if s.sender != nil {
		g.Go(func() error { return s.sender.Run(ctx) })
	}
	if s.history != nil {
		g.Go(func() error { return s.history.Run(ctx, s.has) })
	}
	if s.watch != nil {
		g.Go(func() error {
			if err := s.watch.run(ctx); err != nil {
				s.log.Error("nothing shuts this host down any more", "error", err)
			}
			return nil // others are still served
		})
	}
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-reload:
				if c := load(); c != nil {
					s.agent.Reload(c)
					s.reloadRemotes(c.Env.ProbeConfig)
					s.watch.reload(ctx, c.Dir, "")
				}
			}
		}
	})
	return g.Wait()
}

// tell shows what is wrong with a configuration, a line each.
func tell(w io.Writer, r *config.Report) {
	for _, p := range r.Problems {
		if p.Severity == conf.Warning {
			p.Text = "warning: " + p.Text
		}
		fmt.Fprintln(w, p.Error())
	}
}

// fleet is what the exporters show of a station's UPSes.
func (s *station) fleet(e config.Env) collectors.Fleet {
	all := fleet{s.agent.Store()}
	if e.VariableInfo {
		return collectors.WithTexts(all)
	}
	return all
}

// fleet shows the store to the exporters.
type fleet struct{ store *state.Store }

// All implements [collectors.Fleet].
func (f fleet) All() iter.Seq[collectors.UPS] {
	return func(yield func(collectors.UPS) bool) {
		for _, u := range f.store.All() {
			at, _ := u.Contact() // the zero time where it never was
			if !yield(collectors.UPS{Snapshot: u.Snapshot(), Desc: u.Desc(), Contact: at, Forced: u.Forced()}) {
				return
			}
		}
	}
}
