package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/guard"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/conf"
)

// watchOver has the station do what upsmon would, if upsmon.conf has a UPS to
// watch. What is wrong there does not keep the UPSes from being served, but it
// is an error in the log: nothing shuts this host down then. The function it
// returns is to be called at the end.
func (s *station) watchOver(cfg *config.Config) (leave func()) {
	leave = func() {}
	if _, err := os.Stat(filepath.Join(cfg.Dir, conf.UPSMonConf.Name)); cfg.Env.UPSMon == "no" || errors.Is(err, fs.ErrNotExist) {
		return leave
	}
	mon, report := config.LoadUPSMon(cfg.Dir, "")
	if len(mon.Monitors) == 0 {
		return leave
	}
	if pid, alive := upsmonPID().Running(); alive {
		s.log.Warn("an upsmon runs already, and watches in place of this agent", "process", pid)
		return leave
	}
	if cfg.Env.UPSMon == "auto" && os.Geteuid() != 0 && mon.ShutdownBy == config.ByCommand {
		s.log.Warn("upsmon.conf is left to upsmon: this process is not root's, and may not be able to shut the host down; WATTNUT_UPSMON=yes has it watch nevertheless")
		return leave
	}
	for _, p := range report.Problems {
		s.log.Warn("configuration", "problem", p.Error())
	}
	if err := report.Err(conf.Fatal); err != nil {
		s.log.Error("nothing shuts this host down: upsmon.conf cannot be used")
		return leave
	}
	w, err := s.newWatch(cfg, mon)
	if err != nil {
		s.log.Error("nothing shuts this host down", "error", err)
		return leave
	}
	s.watch = w
	if err := upsmonPID().Write(); err != nil {
		s.log.Warn("no PID file: upsmon -c will not find this agent", "error", err)
		return leave
	}
	return func() {
		if err := upsmonPID().Remove(); err != nil {
			s.log.Warn("PID file stays", "error", err)
		}
	}
}

func (s *station) newWatch(cfg *config.Config, mon *config.UPSMon) (*watchman, error) {
	w, err := newWarden(mon, s.log)
	if err != nil {
		return nil, err
	}
	return newWatchman(mon, w, monitor.Options{Store: s.agent.Store(), Own: served(cfg.Server.Listen), Log: s.log})
}

// newWarden is the guard that has started this process, or else one in the
// process itself.
func newWarden(mon *config.UPSMon, log *slog.Logger) (warden, error) {
	client, err := guard.Adopt()
	switch {
	case err != nil:
		return nil, fmt.Errorf("guard: %w", err)
	case client != nil:
		return client, nil
	}
	return guard.NewDirect(newHost(mon, log)), nil
}

// served tells which UPSes are those of an agent that listens there.
func served(listens []config.Listen) func(client.Target) bool {
	return func(t client.Target) bool {
		return slices.ContainsFunc(listens, func(l config.Listen) bool {
			return samePort(l.Port, t.Port) && (l.Host == t.Host || (isEverywhere(l.Host) || isThisHost(l.Host)) && isThisHost(t.Host))
		})
	}
}

func samePort(a, b string) bool {
	n, err := net.LookupPort("tcp", a)
	return err == nil && strconv.Itoa(n) == b
}

func isEverywhere(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "*" || err == nil && address.IsUnspecified()
}

func isThisHost(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}
