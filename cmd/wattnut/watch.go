package main

import (
	"errors"
	"io/fs"
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

// watched is what upsmon.conf asks this agent to watch; nil where it is not the
// agent's business.
func watched(cfg *config.Config) (*config.UPSMon, *config.Report) {
	if _, err := os.Stat(filepath.Join(cfg.Dir, conf.UPSMonConf.Name)); cfg.Env.UPSMon == "no" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	mon, report := config.LoadUPSMon(cfg.Dir, "")
	if len(mon.Monitors) == 0 {
		return nil, nil
	}
	return mon, report
}

// watchOver has the station do what upsmon would, if upsmon.conf has a UPS to
// watch. What is wrong there does not keep the UPSes from being served, but it
// is an error in the log: nothing shuts this host down then. An agent with a
// guard, which has found upsmon.conf good, is refused instead. The function it
// returns is to be called at the end.
func (s *station) watchOver(cfg *config.Config, client *guard.Client) (leave func(), err error) {
	leave = func() {}
	mon, report := watched(cfg)
	switch {
	case client != nil && mon == nil:
		return leave, errors.New("upsmon.conf has no UPS to watch any more: restart to do without")
	case client != nil:
		return leave, s.watchGuarded(cfg, mon, report, client)
	case mon == nil || s.leftToUpsmon(cfg, mon):
		return leave, nil
	}
	for _, p := range report.Problems {
		s.log.Warn("configuration", "problem", p.Error())
	}
	if report.Err(conf.Fatal) != nil {
		s.log.Error("nothing shuts this host down: upsmon.conf cannot be used")
		return leave, nil
	}
	if err := s.watchBy(cfg, mon, guard.NewDirect(newHost(mon, s.log))); err != nil {
		s.log.Error("nothing shuts this host down", "error", err)
		return leave, nil
	}
	claim := &claim{}
	if err := claim.make(); err != nil {
		s.log.Warn("upsmon -c will not find this agent", "error", err)
	}
	return func() { claim.drop(s.log) }, nil
}

// watchGuarded watches for a guard, which has the PID file.
func (s *station) watchGuarded(cfg *config.Config, mon *config.UPSMon, report *config.Report, client *guard.Client) error {
	if err := report.Err(conf.Fatal); err != nil {
		return err
	}
	return s.watchBy(cfg, mon, client)
}

// leftToUpsmon tells whether an upsmon does what is to be done, or should.
func (s *station) leftToUpsmon(cfg *config.Config, mon *config.UPSMon) bool {
	if pid, alive := upsmonPID().Running(); alive {
		s.log.Warn("an upsmon runs already, and watches in place of this agent", "process", pid)
		return true
	}
	if cfg.Env.UPSMon == "auto" && os.Geteuid() != 0 && mon.ShutdownBy == config.ByCommand {
		s.log.Warn("upsmon.conf is left to upsmon: this process is not root's, and may not be able to shut the host down; WATTNUT_UPSMON=yes has it watch nevertheless")
		return true
	}
	return false
}

func (s *station) watchBy(cfg *config.Config, mon *config.UPSMon, w warden) (err error) {
	s.watch, err = newWatchman(mon, cfg, w, monitor.Options{Store: s.agent.Store(), Own: served(cfg.Server.Listen), Notifier: hostEvents{s}, Log: s.log})
	return err
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
