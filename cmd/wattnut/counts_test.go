package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// Who is logged in to a UPS is counted by UPS, and nobody is a number too.
func TestLoginsAreCounted(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ups.conf":  "",
		"upsd.conf": "LISTEN 127.0.0.1 " + nuttest.FreePort(t) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, _ := config.Load(config.Options{Dir: dir})
	a, err := agent.New(t.Context(), cfg, agent.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.Store().Replace([]*state.UPS{state.NewUPS("a", "", nil)})
	logins := func() float64 {
		for s := range (counts{a}).Samples() {
			if s.Desc == loginsDesc && s.Labels[0] == "a" {
				return s.Value
			}
		}
		return -1
	}
	for want := range 3 {
		if got := logins(); got != float64(want) {
			t.Errorf("%v logins, want %d", got, want)
		}
		a.Store().Lookup("a").Login("192.0.2.1", func() {})
	}
}
