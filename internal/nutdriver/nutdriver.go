// Package nutdriver has tests read the same device by one of NUT's drivers, as
// the distribution ships it, and by ours, and compares what the two say.
package nutdriver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/nutsocket"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// Device is a device that a driver is in contact with.
type Device struct {
	drivers.Device
	Socket string // where a driver of NUT's listens; "" for one of ours

	tb    testing.TB
	draft nut.Draft
	end   func()
}

// patience is how long a device may take until it has said everything.
const patience = 30 * time.Second

// Theirs starts one of NUT's drivers with settings of ups.conf, as "port",
// "/dev/ttyS0" and so on, until the test ends. The test is skipped where the
// driver is not installed.
func Theirs(tb testing.TB, driver string, settings ...string) *Device {
	tb.Helper()
	program := testenv.Need(tb, driver)
	dir := nuttest.ShortDir(tb)
	conf := fmt.Appendf(nil, "[ups]\n\tdriver = %s\n", driver)
	for i := 0; i < len(settings); i += 2 {
		conf = fmt.Appendf(conf, "\t%s = %q\n", settings[i], settings[i+1])
	}
	if err := os.WriteFile(filepath.Join(dir, "ups.conf"), conf, 0o600); err != nil {
		tb.Fatal(err)
	}
	o := nutsocket.Options{}
	if os.Geteuid() == 0 {
		o.User = "root" // the folders of a test are closed to others
	}
	env := drivers.Env{UPS: "ups", ConfDir: dir, StateDir: dir, Log: slog.New(slog.NewTextHandler(tb.Output(), nil))}
	d := open(tb, nutsocket.Start(program, o), env)
	d.Socket = filepath.Join(dir, driver+"-ups")
	return d
}

// Ours opens a device by one of our drivers, with settings like those of Theirs,
// until the test ends.
func Ours(tb testing.TB, driver drivers.Driver, settings ...string) *Device {
	tb.Helper()
	var all []drivers.Setting
	for i := 0; i < len(settings); i += 2 {
		all = append(all, drivers.Setting{Name: settings[i], Value: settings[i+1]})
	}
	opener, err := driver.Bind(all)
	if err != nil {
		tb.Fatal(err)
	}
	return open(tb, opener, drivers.Env{UPS: "ups", ConfDir: tb.TempDir(), StateDir: tb.TempDir(), Log: slog.New(slog.NewTextHandler(tb.Output(), nil))})
}

func open(tb testing.TB, opener drivers.Opener, env drivers.Env) *Device {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	d, err := opener(ctx, env)
	if err != nil {
		tb.Fatal(err)
	}
	opened := &Device{Device: d, tb: tb, end: sync.OnceFunc(func() {
		if err := d.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})}
	tb.Cleanup(opened.End)
	return opened
}

// End ends the contact before the test does.
func (d *Device) End() { d.end() }

// Facts are what the device says, once it says anything.
func (d *Device) Facts() *nut.Snapshot {
	d.tb.Helper()
	s, err := d.read()
	if err != nil {
		d.tb.Fatal(err)
	}
	return s
}

func (d *Device) read() (*nut.Snapshot, error) {
	ctx, cancel := context.WithTimeout(d.tb.Context(), patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := d.Read(ctx, &d.draft)
		if err == nil {
			return d.draft.Freeze("ups", nut.Live, time.Now()), nil
		}
		if !errors.Is(err, drivers.ErrWaiting) && !errors.Is(err, drivers.ErrStale) {
			return nil, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("nothing comes: %w", err)
		}
	}
}

// Await reads until the facts are as a test wants them.
func (d *Device) Await(what string, good func(*nut.Snapshot) bool) *nut.Snapshot {
	d.tb.Helper()
	end := time.Now().Add(patience)
	for again := time.NewTicker(50 * time.Millisecond); ; <-again.C {
		s := d.Facts()
		if good(s) {
			again.Stop()
			return s
		}
		if time.Now().After(end) {
			again.Stop()
			d.tb.Fatalf("%s: it is not so, ups.status is %q", what, s.Value("ups.status"))
		}
	}
}

// Differences are what two drivers say otherwise of one device, by the names of
// variables and commands, each as "ours | theirs". What the core of a driver
// adds, driver.* and device.*, is left out.
func Differences(ours, theirs *nut.Snapshot) map[nut.Name]string {
	all := make(map[nut.Name]string)
	compare := func(a, b map[nut.Name]string) {
		for name, x := range a {
			if y := b[name]; x != y {
				all[name] = x + " | " + y
			}
		}
		for name, y := range b {
			if _, ok := a[name]; !ok {
				all[name] = " | " + y
			}
		}
	}
	compare(variables(ours), variables(theirs))
	compare(commands(ours), commands(theirs))
	return all
}

func variables(s *nut.Snapshot) map[nut.Name]string {
	all := make(map[nut.Name]string)
	for v := range s.Variables() {
		if core(v.Name) {
			continue
		}
		text := []string{v.Value}
		if v.Writable {
			text = append(text, "RW")
		}
		if v.Text && v.Writable {
			text = append(text, fmt.Sprintf("STRING:%d", v.MaxLen))
		}
		for _, e := range v.Enum {
			text = append(text, strconv.Quote(e))
		}
		for _, r := range v.Ranges {
			text = append(text, fmt.Sprintf("%d-%d", r.Min, r.Max))
		}
		all[v.Name.Fold()] = strings.Join(text, " ")
	}
	return all
}

func commands(s *nut.Snapshot) map[nut.Name]string {
	all := make(map[nut.Name]string)
	for name := range s.Commands() {
		if !core(name) {
			all[name.Fold()] = "command"
		}
	}
	return all
}

func core(name nut.Name) bool {
	return strings.HasPrefix(string(name), "driver.") || strings.HasPrefix(string(name), "device.")
}
