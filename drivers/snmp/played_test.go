package snmp

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

// played is an invented device from testdata, played in memory.
func played(tb testing.TB, name string) *transport.Playback {
	tb.Helper()
	file, err := os.Open(filepath.Join("testdata", name+".snmprec"))
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	recording, err := transport.ReadRecording(file)
	if err != nil {
		tb.Fatal(err)
	}
	return &transport.Playback{Recording: recording}
}

// opened is the device behind an agent, in contact.
func opened(tb testing.TB, a agent, config Config) *device {
	tb.Helper()
	tables, err := openLibrary("")
	if err != nil {
		tb.Fatal(err)
	}
	if config.PollFreq == 0 {
		config.PollFreq = 30 * time.Second
	}
	if config.Seldom == 0 {
		config.Seldom = 10
	}
	u := &device{agent: a, config: config, log: slog.New(slog.DiscardHandler)}
	if err := u.identify(tb.Context(), tables); err != nil {
		tb.Fatal(err)
	}
	return u
}

// read is what the device says after one Read.
func read(tb testing.TB, u *device, d *nut.Draft) *nut.Snapshot {
	tb.Helper()
	if err := u.Read(tb.Context(), d); err != nil {
		tb.Fatal(err)
	}
	return d.Freeze("test", nut.Live, time.Now())
}

func testEnv() drivers.Env {
	return drivers.Env{UPS: "test", Log: slog.New(slog.DiscardHandler)}
}
