package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/exporter/prometheus"
	"github.com/wattnut/wattnut/exporter/web"
	"github.com/wattnut/wattnut/nut/conf"
)

// openPages opens the web pages, where they are asked for.
func (s *station) openPages(ctx context.Context, e config.Env, sources ...collectors.Source) error {
	if e.WebListen == "" && !bySystemd(e) {
		return nil
	}
	if err := web.CheckConfig(e.WebConfig); err != nil {
		return err
	}
	var err error
	if s.remotes, err = openRemotes(e, s.log); err != nil {
		return err
	}
	fleet := s.fleet(e)
	targets := &prometheus.Targets{
		Local: fleet, Own: s.agent.Addrs(), Servers: s.remotes, Version: version, Texts: bool(e.VariableInfo), Log: s.log,
	}
	s.web = &web.Server{
		Fleet: fleet, Metrics: prometheus.New(fleet, version, sources...).Handler(s.log),
		Pages: s.ownPages(targetPages(e, targets, s.logins)), Config: e.WebConfig, Version: version, Log: s.log,
	}
	s.pages, err = listenWeb(ctx, e)
	return err
}

// bySystemd tells whether the pages are served on a socket of systemd's.
func bySystemd(e config.Env) bool {
	return e.WebSystemdSocket == "yes" || e.WebSystemdSocket == "auto" && web.IsActivated()
}

func listenWeb(ctx context.Context, e config.Env) (net.Listener, error) {
	if bySystemd(e) {
		return web.Activated()
	}
	return agent.ListenWeb(ctx, e.WebListen)
}

// targetPages are the pages beside /metrics.
func targetPages(e config.Env, t *prometheus.Targets, logins func(string) []string) web.Pages {
	pages := web.Pages{"/probe": t.Probe(), "/sd": t.Discovery(logins)}
	if e.CompatDRuggeri {
		pages["/ups_metrics"] = t.DRuggeri()
	}
	if e.CompatHON95 {
		pages["/nut"] = t.HON95()
	}
	if e.CompatPeaNUT {
		maps.Copy(pages, web.PeaNUT(t.Local))
	}
	return pages
}

// logins are the clients that a UPS of ours feeds.
func (s *station) logins(ups string) []string {
	if u := s.agent.Store().Lookup(ups); u != nil {
		return u.Clients()
	}
	return nil
}

// openRemotes reads which servers may be asked; nil without a file.
func openRemotes(e config.Env, log *slog.Logger) (*probe.Servers, error) {
	if e.ProbeConfig == "" {
		return nil, nil //nolint:nilnil // nil Servers are none
	}
	targets, err := probe.Load(e.ProbeConfig)
	if err != nil {
		return nil, err
	}
	return probe.New(targets, log), nil
}

// reloadRemotes reads again which servers may be asked.
func (s *station) reloadRemotes(path string) {
	if s.remotes == nil {
		return
	}
	targets, err := probe.Load(path)
	if err != nil {
		s.log.Error("file of targets not taken over, the former one goes on", "error", err)
		return
	}
	s.remotes.Replace(targets)
}

// tellPages logs where the web pages are.
func (s *station) tellPages() {
	if s.pages == nil {
		return
	}
	if s.web.Config != "" { // which may ask for TLS
		s.log.Info("serving the web", "address", s.pages.Addr().String(), "config", s.web.Config)
		return
	}
	s.log.Info("serving the web", "url", "http://"+s.pages.Addr().String()+"/")
}

// openDebug opens the listener for profiles and the log's level, where it is
// asked for.
func (s *station) openDebug(ctx context.Context, e config.Env, level *slog.LevelVar) error {
	if e.PprofListen == "" {
		return nil
	}
	l, err := agent.ListenWeb(ctx, e.PprofListen)
	if err != nil {
		return fmt.Errorf("WATTNUT_PPROF_LISTEN: %w", err)
	}
	s.debug = func(ctx context.Context) error { return (&web.Debug{Level: level, Log: s.log}).Serve(ctx, l) }
	s.log.Info("serving profiles", "url", "http://"+l.Addr().String()+"/debug/pprof/")
	return nil
}

// checkPages adds what is wrong with the files of the web pages.
func checkPages(e config.Env, report *config.Report) {
	if err := web.CheckConfig(e.WebConfig); err != nil {
		report.Add("WATTNUT_WEB_CONFIG", err)
	}
	if e.ProbeConfig == "" {
		return
	}
	_, err := probe.Load(e.ProbeConfig)
	for _, wrong := range probe.LineErrors(err) {
		report.Problems = append(report.Problems, conf.Problem{File: wrong.File, Line: wrong.Line, Severity: conf.Fatal, Text: wrong.Text})
	}
}
