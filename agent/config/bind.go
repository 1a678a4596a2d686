package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/conf"
)

// ErrNoNativeDriver: the driver is none of those that this program has. A
// program of NUT may be it.
var ErrNoNativeDriver = errors.New("no native driver")

// Bind finds the driver of u among the known ones and gives it its settings:
// those that are not common to all drivers, and of the common ones those that
// it declares itself, such as port. It touches no hardware.
//
// The error wraps ErrNoNativeDriver, or is [Problems].
func Bind(u UPS, known []drivers.Driver) (drivers.Driver, drivers.Opener, error) {
	i := slices.IndexFunc(known, func(d drivers.Driver) bool { return d.Name == u.Driver })
	if i < 0 {
		return drivers.Driver{}, nil, fmt.Errorf("UPS [%s]: driver %s: %w", u.Name, u.Driver, ErrNoNativeDriver)
	}
	driver := known[i]
	open, err := driver.Bind(u.forDriver(driver))
	if err != nil {
		return driver, nil, u.problems(driver, err)
	}
	return driver, open, nil
}

// forDriver is the settings that go to the driver.
func (u UPS) forDriver(d drivers.Driver) []drivers.Setting {
	var all []drivers.Setting
	for _, s := range u.Settings {
		if !isCommon(s.Name) || slices.ContainsFunc(d.Options, func(o drivers.Option) bool { return o.Name == s.Name }) {
			all = append(all, s.Setting)
		}
	}
	return all
}

func isCommon(name string) bool {
	switch name {
	case "driver", "port", "desc":
		return true
	}
	_, ok := common[name]
	return ok || strings.HasPrefix(name, "default.") || strings.HasPrefix(name, "override.")
}

// problems gives what a driver says of its settings the places where they
// stand.
func (u UPS) problems(d drivers.Driver, err error) Problems {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all Problems
		for _, e := range joined.Unwrap() {
			all = append(all, u.problems(d, e)...)
		}
		return all
	}
	p := conf.Problem{File: u.File, Line: u.Line, Section: u.Name, Severity: conf.Error}
	se, ok := errors.AsType[*drivers.SettingError](err)
	if !ok {
		p.Text = fmt.Sprintf("UPS [%s]: driver %s: %s", u.Name, u.Driver, u.hide(d, err.Error()))
		return Problems{p}
	}
	for _, s := range u.Settings {
		if s.Name == se.Name {
			p.Line = s.Line
		}
	}
	p.Text = fmt.Sprintf("UPS [%s]: driver %s: %s: %s", u.Name, u.Driver, se.Name, u.hide(d, se.Reason))
	return Problems{p}
}

// hide takes the values of secret settings out of a text.
func (u UPS) hide(d drivers.Driver, text string) string {
	for _, s := range u.Settings {
		secret := slices.ContainsFunc(d.Options, func(o drivers.Option) bool { return o.Name == s.Name && o.Secret })
		if secret && s.Value != "" {
			text = strings.ReplaceAll(text, s.Value, "***")
		}
	}
	return text
}
