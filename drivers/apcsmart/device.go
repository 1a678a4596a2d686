package apcsmart

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// everything is how often variables are read that do not change by themselves.
const everything = time.Hour

// textLen is the length of a text that a UPS keeps.
const textLen = 8

// device is a UPS in its smart mode.
type device struct {
	link
	config Config
	log    *slog.Logger
	known  *letters

	variables []variable // those that the UPS has
	commands  []command
	renamed   map[request]nut.Name  // variables that have another name on this UPS
	choices   map[nut.Name][]string // what settable variables may be

	facts    map[nut.Name]string // what was learned and is not in the draft
	status   status
	begun    bool
	complete time.Time            // when all variables were last read
	odd      map[nut.Name]int     // how often in a row a variable had no value
	said     map[string]time.Time // commands that were said once, and have to be said again
}

// News are alerts of the UPS.
func (d *device) News() <-chan struct{} { return d.port.News() }

// errOdd is an answer that is no value of its variable.
var errOdd = errors.New("no such value")

// Read asks for the status, and for what may have changed. An alert meanwhile
// has it ask for the status again.
func (d *device) Read(ctx context.Context, draft *nut.Draft) error {
	if err := d.readStatus(ctx); err != nil {
		return err
	}
	all := time.Since(d.complete) > everything
	for _, v := range d.variables {
		if !v.Poll && !all {
			continue
		}
		values, err := d.reread(ctx, v)
		switch {
		case errors.Is(err, errOdd): // what it was stays for a while
			d.log.Debug("no value", "variable", v.Name, "error", err)
		case err != nil:
			return fmt.Errorf("%s: %w", v.Name, err)
		}
		d.note(values)
		d.forget(draft, v, values != nil)
	}
	if all {
		d.complete = time.Now()
	}
	if d.alerted {
		if err := d.readStatus(ctx); err != nil {
			return err
		}
	}
	d.show(draft)
	return nil
}

// readStatus asks for the status, again if what came was noise. That the battery
// is low in a power failure has hosts shut down, so it has to be said twice: the
// late answer to another letter, or a byte with a bad bit, may look like it.
func (d *device) readStatus(ctx context.Context) error {
	d.alerted = false
	var answer string
	var before status
	for range 4 {
		var err error
		if answer, err = d.ask(ctx, "Q", patience); err != nil {
			return fmt.Errorf("status: %w", err)
		}
		s, ok := parseStatus(answer)
		switch {
		case !ok:
		case s.critical() && !d.status.critical() && s != before:
			before = s
		default:
			d.status = s
			return nil
		}
	}
	return fmt.Errorf("status: %q is none, or not the same twice", answer)
}

// read asks for a variable. An answer that is no value of it brings errOdd.
func (d *device) read(ctx context.Context, v variable, wait time.Duration) (map[nut.Name]string, error) {
	var answer string
	var err error
	if len(v.Ask) == 2 {
		answer, err = d.askPair(ctx, v.Ask)
	} else {
		answer, err = d.ask(ctx, string(v.Ask), wait)
	}
	if err != nil {
		return nil, err
	}
	values := v.values(answer, d.known.Reasons)
	if values == nil {
		return nil, fmt.Errorf("%q: %w", answer, errOdd)
	}
	return values, nil
}

// reread is read for a variable that there is: what came may have been noise.
func (d *device) reread(ctx context.Context, v variable) (values map[nut.Name]string, err error) {
	for range 2 {
		if values, err = d.read(ctx, v, patience); !errors.Is(err, errOdd) {
			return values, err
		}
	}
	return nil, err
}

// maxOdd is how many times in a row a variable may have no value before the one
// it had is too old to be shown.
const maxOdd = 3

// forget takes out of a draft what the UPS does not tell any more.
func (d *device) forget(draft *nut.Draft, v variable, told bool) {
	if told || !v.Poll {
		delete(d.odd, v.Name)
		return
	}
	if d.odd == nil {
		d.odd = make(map[nut.Name]int)
	}
	if d.odd[v.Name]++; d.odd[v.Name] < maxOdd {
		return
	}
	for _, name := range v.names() {
		delete(d.facts, name)
		draft.Delete(name)
	}
}

// note keeps values for the next draft.
func (d *device) note(values map[nut.Name]string) {
	maps.Copy(d.facts, values)
}

// show writes what was learned.
func (d *device) show(draft *nut.Draft) {
	for name, value := range d.facts {
		draft.Set(name, value)
	}
	clear(d.facts)
	draft.SetStatus(d.status.words()...)
	if d.begun {
		return
	}
	d.begun = true
	for _, v := range d.variables {
		choices := d.choices[v.Name]
		draft.Edit(v.Name, func(w *nut.Variable) {
			w.Writable = v.Text || len(choices) > 0
			w.Enum = choices
			if v.Text {
				w.Text, w.MaxLen = true, textLen
			}
		})
	}
	draft.AddCommand(cutPower)
	for _, c := range d.commands {
		draft.AddCommand(c.Name)
	}
}
