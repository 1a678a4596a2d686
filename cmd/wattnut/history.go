package main

import (
	"cmp"
	"encoding/json"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/history"
	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/web"
	"github.com/wattnut/wattnut/nut"
)

// lastingDir is the folder that packages make for what outlasts a reboot.
const lastingDir = "/var/lib/wattnut"

// historyFile is where the history is kept: in the folder that systemd has for
// what outlasts a reboot, or the one that packages have for it, or else in the
// state folder. It is "" for nowhere.
func historyFile(c *config.Config) string {
	if c.Env.History == "off" {
		return ""
	}
	lasting, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":")
	if lasting == "" && tryWrite(lastingDir) == nil {
		lasting = lastingDir
	}
	return cmp.Or(c.Env.History, filepath.Join(cmp.Or(lasting, c.StateDir), "history.db"))
}

// snapshot counts what a UPS says. It does not wait.
func (s *station) snapshot(snapshot *nut.Snapshot) {
	if s.history != nil {
		s.history.Observe(snapshot)
	}
}

// has tells whether there is a UPS of that name.
func (s *station) has(ups string) bool { return s.agent.Store().Lookup(ups) != nil }

// accounts is the history of a station's UPSes, as a source for the exporters.
type accounts struct{ station *station }

// Samples implements [collectors.Source].
func (a accounts) Samples() iter.Seq[collectors.Sample] {
	return func(yield func(collectors.Sample) bool) {
		now := time.Now()
		for _, u := range a.station.agent.Store().All() {
			account, _ := a.station.history.Of(u.Name, now)
			for _, s := range told(account).Samples(u.Snapshot(), now) {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// told is an account as exporters tell it. A cause that never was is left out:
// most never are.
func told(a history.Account) collectors.History {
	h := collectors.History{
		Transfers: make(map[string]uint64), Outages: a.Outages, OnBattery: a.OnBattery, LastTransfer: a.LastTransfer,
		Tested: a.Tested, Measured: a.Measured, Estimated: a.Estimated,
	}
	for cause, n := range a.Transfers {
		h.Transfers[string(cause)] = n
	}
	if a.Outage != nil {
		h.ThisOutage = a.Outage.OnBattery
	}
	return h
}

// ownPages adds to pages what this agent alone has: the history of its UPSes.
func (s *station) ownPages(pages web.Pages) web.Pages {
	type remembered struct {
		UPS string `json:"ups"`
		history.Account
		Past []history.Outage `json:"past_outages"`
	}
	pages["/api/v1/history"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		all, now := []remembered{}, time.Now()
		for _, u := range s.agent.Store().All() {
			account, past := s.history.Of(u.Name, now)
			all = append(all, remembered{u.Name, account, past})
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(all) // an error means that the reader is gone
	})
	return pages
}
