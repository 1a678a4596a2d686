package apcsmart

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// Letters for those who can say nothing about themselves, and the firmware whose
// capabilities overrun.
const (
	oldest = request("CPLOfB\x01nbV/")
	asking = "\x1a"
)

// meet learns what the UPS is and can do.
func (d *device) meet(ctx context.Context) (err error) {
	if d.known, err = known(); err != nil {
		return err
	}
	if err := d.wake(ctx); err != nil {
		return err
	}
	firmware, err := d.firmware(ctx)
	if err != nil {
		return err
	}
	d.facts = map[nut.Name]string{"ups.mfr": "APC"}
	set, ok := d.known.set(firmware)
	var pairs []request
	switch {
	case ok:
		d.facts["ups.model"] = "Smart-UPS"
		if firmware[0] == '0' || firmware[0] == '5' {
			d.facts["ups.model"] = "Matrix-UPS"
		}
	default:
		if set, pairs, err = d.letters(ctx); err != nil {
			return err
		}
	}
	if err := d.learn(ctx, set, pairs); err != nil {
		return err
	}
	d.complete = time.Now()
	for _, c := range d.known.Commands {
		if set.has(c.Send) {
			d.commands = append(d.commands, c)
		}
	}
	if !set.has(asking) {
		return nil
	}
	return d.learnCapabilities(ctx)
}

// firmware asks for the firmware in the two ways there are; "" is a UPS that
// knows neither.
func (d *device) firmware(ctx context.Context) (string, error) {
	for _, letter := range []string{"V", "b"} {
		answer, err := d.ask(ctx, letter, patienceShort)
		if err != nil && !silent(ctx, err) {
			return "", err
		}
		if answer != "" && answer != notAvailable {
			return answer, nil
		}
	}
	return "", nil
}

// letters asks which letters the UPS takes.
func (d *device) letters(ctx context.Context) (request, []request, error) {
	answer, err := d.askLong(ctx, "a")
	if err != nil && !silent(ctx, err) {
		return "", nil, err
	}
	set, pairs, err := parseSet(answer)
	if err != nil {
		d.log.Debug("an old model, which cannot say what it takes", "answer", answer)
		return oldest, nil, nil
	}
	return set, pairs, nil
}

// manySilences is how often a UPS is silent until it is seen to be one that does not
// refuse: to wait long for each letter would take longer than a contact may.
const manySilences = 4

// learn tries which variables there are, and what they are.
func (d *device) learn(ctx context.Context, set request, pairs []request) error {
	if slices.Contains(pairs, "\x9f\xd3") {
		d.renamed = map[request]nut.Name{"F": "output.frequency"}
	}
	wait, silences := patienceShort, 0
	for _, v := range d.known.Variables {
		if name, ok := d.renamed[v.Ask]; ok {
			v.Name = name
		}
		taken := slices.ContainsFunc(d.variables, func(w variable) bool { return w.Name == v.Name || w.Ask == v.Ask })
		there := set.has(v.Ask) && !d.known.Never.has(v.Ask)
		if len(v.Ask) == 2 {
			there = slices.Contains(pairs, v.Ask)
		}
		if taken || !there {
			continue
		}
		values, err := d.read(ctx, v, wait)
		if silent(ctx, err) {
			if silences++; silences == manySilences {
				wait = patienceLeast
			}
			continue
		}
		if errors.Is(err, errOdd) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
		d.variables = append(d.variables, v)
		d.note(values)
	}
	if d.facts["ups.model"] == "" {
		d.facts["ups.model"] = "Smart-UPS"
		if _, matrix := d.facts["output.current"]; matrix {
			d.facts["ups.model"] = "Matrix-UPS"
		}
	}
	return nil
}

// learnCapabilities asks what variables may be set to. Capabilities that are not
// whole are used as far as they go.
func (d *device) learnCapabilities(ctx context.Context) error {
	answer, err := d.askLong(ctx, asking)
	if err != nil && !silent(ctx, err) {
		return err
	}
	all, err := parseCapabilities(answer)
	if err != nil {
		d.log.Debug("capabilities", "error", err)
	}
	firmware := d.facts["ups.firmware"]
	d.choices = make(map[nut.Name][]string)
	for _, c := range all {
		i := slices.IndexFunc(d.variables, func(v variable) bool { return v.Ask == c.ask })
		if i < 0 || d.variables[i].Packed || c.region != '4' && !strings.HasSuffix(firmware, string(c.region)) {
			continue
		}
		v := d.variables[i]
		for _, raw := range c.values {
			value, ok := v.value(raw, d.known.Reasons)
			if ok && !slices.Contains(d.choices[v.Name], value) {
				d.choices[v.Name] = append(d.choices[v.Name], value)
			}
		}
	}
	return nil
}
