package drivers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Define makes a Driver whose settings are the fields of C. A field is a
// setting if it has a tag `conf:"name"`; `conf:"name,required"` must be given,
// `conf:"name,secret"` is never shown; `help:"…"` explains it. Fields may be
// string, bool (a flag, or yes/no), int, float64, and time.Duration (in
// seconds, as NUT counts). defaults holds what is not given.
//
// The fields of a struct that C embeds are settings as if they were C's own: what
// several families have in common is written once.
//
// A name that ends in * takes all settings that begin so; its field is a
// map[string]string, from the rest of the name to the value.
//
// Where *C has a method Check() error, Bind calls it last.
func Define[C any](name, version, about string, defaults C, open func(context.Context, Env, C) (Device, error)) Driver {
	return Driver{
		Name: name, Version: version, About: about,
		Options: options(reflect.ValueOf(defaults)),
		Bind: func(settings []Setting) (Opener, error) {
			config, err := Decode(defaults, settings)
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context, env Env) (Device, error) { return open(ctx, env, config) }, nil
		},
	}
}

// Decode lays settings over defaults and checks them, as the Bind of a Driver
// does that [Define] made: for a family's Scanner, which opens no Device.
func Decode[C any](defaults C, settings []Setting) (C, error) {
	config := defaults
	if err := decode(reflect.ValueOf(&config).Elem(), settings); err != nil {
		return defaults, err
	}
	if c, ok := any(&config).(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return defaults, err
		}
	}
	return config, nil
}

type field struct {
	name             string
	required, secret bool
	value            reflect.Value
	help             string
}

func fields(config reflect.Value) []field {
	var all []field
	for i := range config.NumField() {
		of := config.Type().Field(i)
		tag, ok := of.Tag.Lookup("conf")
		if !ok {
			if of.Anonymous && of.Type.Kind() == reflect.Struct {
				all = append(all, fields(config.Field(i))...)
			}
			continue
		}
		name, more, _ := strings.Cut(tag, ",")
		all = append(all, field{
			name: name, value: config.Field(i), help: of.Tag.Get("help"),
			required: strings.Contains(more, "required"), secret: strings.Contains(more, "secret"),
		})
	}
	return all
}

func options(config reflect.Value) []Option {
	var all []Option
	for _, f := range fields(config) {
		o := Option{Name: f.name, Help: f.help, Secret: f.secret, Flag: f.value.Kind() == reflect.Bool}
		if d, ok := reflect.TypeAssert[time.Duration](f.value); ok {
			o.Default = strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
		} else if f.value.Kind() != reflect.Map && !f.value.IsZero() {
			o.Default = fmt.Sprint(f.value.Interface())
		}
		all = append(all, o)
	}
	return all
}

func decode(config reflect.Value, settings []Setting) error {
	known := fields(config)
	given := make([]bool, len(known))
	var errs []error
	for _, s := range settings {
		i := find(known, s.Name)
		if i < 0 {
			errs = append(errs, &SettingError{s.Name, "this driver has no such setting"})
			continue
		}
		given[i] = true
		if err := known[i].set(s); err != nil {
			errs = append(errs, &SettingError{s.Name, err.Error()})
		}
	}
	for i, f := range known {
		if f.required && !given[i] {
			errs = append(errs, &SettingError{f.name, "is missing"})
		}
	}
	return errors.Join(errs...)
}

func find(known []field, name string) int {
	for i, f := range known {
		prefix, wild := strings.CutSuffix(f.name, "*")
		if f.name == name || wild && strings.HasPrefix(name, prefix) {
			return i
		}
	}
	return -1
}

func (f field) set(s Setting) error {
	if s.Flag && f.value.Kind() != reflect.Bool {
		return errors.New("needs a value")
	}
	switch target := f.value.Addr().Interface().(type) {
	case *string:
		*target = s.Value
	case *bool:
		b, err := parseBool(s)
		if err != nil {
			return err
		}
		*target = b
	case *int:
		n, err := strconv.ParseInt(s.Value, 0, 32)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", s.Value)
		}
		*target = int(n)
	case *float64:
		n, err := strconv.ParseFloat(s.Value, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return fmt.Errorf("%q is not a number", s.Value)
		}
		*target = n
	case *time.Duration:
		n, err := strconv.ParseFloat(s.Value, 64)
		if err != nil || !(n >= 0 && n <= 1e9) { // NaN is neither
			return fmt.Errorf("%q is not a number of seconds", s.Value)
		}
		*target = time.Duration(n * float64(time.Second))
	case *map[string]string:
		if *target == nil {
			*target = make(map[string]string)
		}
		(*target)[strings.TrimPrefix(s.Name, strings.TrimSuffix(f.name, "*"))] = s.Value
	default:
		return fmt.Errorf("a setting cannot be a %s", f.value.Type())
	}
	return nil
}

func parseBool(s Setting) (bool, error) {
	if s.Flag {
		return true, nil
	}
	switch strings.ToLower(s.Value) {
	case "1", "yes", "true", "on", "enabled":
		return true, nil
	case "0", "no", "false", "off", "disabled":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", s.Value)
}
