package dummy

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

const (
	maxAlarms = 32  // alarms active at once
	maxOrders = 256 // values set between two Reads
)

// player is a Device whose facts are what its file said so far.
type player struct {
	path string
	loop bool
	log  *slog.Logger

	begun   bool      // the facts that need no file are written
	changed time.Time // of the file, when it was read
	size    int64
	steps   []step // of the file; nil when it was played once to its end
	next    int    // index of the next step
	due     time.Time
	alarms  []string
	orders  []step // what was set since the last Read
}

// Read plays the file on to its next TIMER or to its end. The Read after a Set
// only shows what was set: the file goes on at the next one.
func (p *player) Read(ctx context.Context, d *nut.Draft) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.begun && len(p.orders) > 0 {
		for _, s := range p.orders {
			p.do(s, d)
		}
		p.orders = nil
		return nil
	}
	if err := p.reload(); err != nil {
		return err
	}
	if !p.begun {
		p.begin(d)
	}
	p.play(d, time.Now())
	return nil
}

// begin writes the facts that need no file.
func (p *player) begin(d *nut.Draft) {
	p.begun = true
	for _, s := range []step{
		{name: "ups.mfr", value: "Dummy Manufacturer"},
		{name: "ups.model", value: "Dummy UPS"},
		{name: "ups.status", value: nut.StatusOnline},
	} {
		d.Put(attributes(s.name, s.value))
	}
	d.AddCommand("load.off")
}

// play goes through the steps up to a pause or the end.
func (p *player) play(d *nut.Draft, now time.Time) {
	if now.Before(p.due) {
		return
	}
	if p.loop && p.next == len(p.steps) {
		p.next = 0
	}
	for p.next < len(p.steps) {
		s := p.steps[p.next]
		p.next++
		if s.do == pause {
			p.due = now.Add(s.wait)
			return
		}
		p.do(s, d)
	}
	if !p.loop {
		p.steps, p.next = nil, 0
	}
}

func (p *player) do(s step, d *nut.Draft) {
	switch {
	case s.do == alarm && s.value == "":
		p.alarms = nil
		d.SetAlarms()
	case s.do == alarm:
		if len(p.alarms) < maxAlarms && !slices.Contains(p.alarms, s.value) {
			p.alarms = append(p.alarms, s.value)
		}
		d.SetAlarms(p.alarms...)
	case s.name.Equal("ups.status"):
		d.SetStatus(s.value)
	case s.value == "":
		d.Delete(s.name)
	default:
		d.Put(attributes(s.name, s.value))
	}
}

// reload reads the file if it is not the one that was read last, to play it
// from its start.
func (p *player) reload() error {
	info, err := os.Stat(p.path)
	switch {
	case err != nil:
		return err
	case info.ModTime().Equal(p.changed) && info.Size() == p.size:
		return nil
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: not a file", p.path)
	case info.Size() > maxFile:
		return fmt.Errorf("%s: larger than %d bytes", p.path, maxFile)
	}
	data, err := readFile(p.path)
	if err != nil {
		return err
	}
	steps, faults := parse(data)
	for _, f := range faults {
		p.log.Warn("line of the device file", "at", fmt.Sprintf("%s:%d", p.path, f.line), "what", f.text)
	}
	p.steps, p.next, p.due = steps, 0, time.Time{}
	p.changed, p.size = info.ModTime(), info.Size()
	return nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// Set takes a new value for the next Read to show; "" deletes the variable. It
// takes new variables too, except those of the driver and the server.
func (p *player) Set(_ context.Context, name nut.Name, value string) error {
	folded := string(name.Fold())
	if strings.HasPrefix(folded, "driver.") || strings.HasPrefix(folded, "server.") {
		return fmt.Errorf("%s: %w", name, nut.ErrUnknown)
	}
	if !wire.Clean(value) || len(value) > 255 {
		return fmt.Errorf("%s: %w", name, nut.ErrInvalidArgument)
	}
	if len(p.orders) == maxOrders {
		return fmt.Errorf("%s: %w", name, nut.ErrFailed)
	}
	p.orders = append(p.orders, step{name: name, value: value})
	return nil
}

// Command knows no command. load.off is announced all the same, and refused, as
// NUT's dummy-ups does.
func (p *player) Command(_ context.Context, cmd nut.Name, _ string) error {
	return fmt.Errorf("%s: %w", cmd, nut.ErrUnknown)
}

// Close has nothing to end: the file is open only while it is read.
func (p *player) Close() error { return nil }
