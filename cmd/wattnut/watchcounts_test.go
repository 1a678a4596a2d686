package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/guard"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/internal/nuttest"
)

func TestWatchCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "upsmon.conf")
	text := "MONITOR a@127.0.0.1:" + nuttest.FreePort(t) + " 2 user password primary\nSHUTDOWNCMD /bin/true\nNOTIFYFLAG COMMBAD SYSLOG\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, _ := config.LoadUPSMon("", path)
	s := &station{}
	if n := len(slices.Collect(watchCounts{s}.Samples())); n != 0 {
		t.Errorf("%d samples of nothing", n)
	}
	log := slog.New(slog.DiscardHandler)
	w, err := newWatchman(cfg, &config.Config{Dir: t.TempDir(), StateDir: t.TempDir()}, guard.NewDirect(newHost(cfg, log)), monitor.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	s.watch = w
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.run(ctx) }()
	nuttest.Await(t, func() error {
		return expectSamples(s, append(strings.Fields(`
		nut_upsmon_power_value=2 nut_upsmon_min_supplies=1 nut_upsmon_shutdown_state,watching=1 nut_upsmon_shutdown_state,ended=0
		nut_upsmon_shutdown_ready=1 nut_notifications_total,COMMBAD,told=1`), "nut_upsmon_shutdown_check,shutdown command=1"))
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// expectSamples tells what samples there are, where one is missing: each as
// name,label=value.
func expectSamples(s *station, want []string) error {
	var got []string
	for sample := range (watchCounts{s}).Samples() {
		got = append(got, fmt.Sprintf("%s=%v", strings.Join(append([]string{sample.Desc.Name}, sample.Labels...), ","), sample.Value))
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			return fmt.Errorf("no %s in %q", w, got)
		}
	}
	return nil
}
