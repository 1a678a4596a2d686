package clone

import (
	"context"
	"strings"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// mirror is what the device that is followed says.
type mirror struct {
	base  drivers.Device
	facts nut.Draft
	shown map[nut.Name]bool // what was copied at the last time, by folded name
}

// News are those of the device that is followed.
func (m *mirror) News() <-chan struct{} {
	if n, ok := m.base.(drivers.Notifier); ok {
		return n.News()
	}
	return nil
}

// Close ends the following.
func (m *mirror) Close() error { return m.base.Close() }

// copy reads the device that is followed, and writes what it says into d, but
// what is own or of its driver. Nothing of it can be written here.
func (m *mirror) copy(ctx context.Context, d *nut.Draft, own map[nut.Name]bool) error {
	if err := m.base.Read(ctx, &m.facts); err != nil {
		return err
	}
	shown := make(map[nut.Name]bool)
	for _, name := range m.facts.Names() {
		key := name.Fold()
		if own[key] || strings.HasPrefix(string(key), "driver.") {
			continue
		}
		shown[key] = true
		d.Set(name, m.facts.Value(name))
	}
	for key := range m.shown {
		if !shown[key] {
			d.Delete(key)
		}
	}
	m.shown = shown
	return nil
}

// status are the words of the device that is followed.
func (m *mirror) status() nut.Status { return nut.ParseStatus(m.facts.Value("ups.status")) }

// outlet is an outlet that its device shuts down itself.
type outlet struct {
	mirror
	prefix string
}

// Read says of the outlet what its device says, that it is off, and that it is
// about to be.
func (o *outlet) Read(ctx context.Context, d *nut.Draft) error {
	if err := o.copy(ctx, d, map[nut.Name]bool{"ups.status": true}); err != nil {
		return err
	}
	words := o.status()
	if n, ok := nut.ParseNumber(o.facts.Value(nut.Name(o.prefix + ".timer.shutdown"))); ok && n >= 0 {
		words = append([]string{nut.StatusForced}, words...)
	}
	switch strings.ToLower(o.facts.Value(nut.Name(o.prefix + ".status"))) {
	case "off", "no", "0":
		words = append(words, nut.StatusOff)
	}
	d.SetStatus(words...)
	return nil
}
