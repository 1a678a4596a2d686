// Package dummy plays a device from a file: "name: value" lines as upsc prints
// them, with TIMER and ALARM instructions between, as NUT's dummy-ups does.
//
// Every variable of the file is writable. What is set stays until the file says
// otherwise.
package dummy

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/drivers"
)

// Config is what ups.conf says about a played device.
type Config struct {
	Port string `conf:"port,required" help:"the file to play; without a leading / it is looked for in the configuration folder"`
	Mode string `conf:"mode" help:"dummy-once: play the file once, and again when it changes; dummy-loop: over and over; not given: once for *.dev, else loop"`
}

// Driver is the file-playing half of NUT's dummy-ups. Its other half, the
// repeater, is drivers/upsclient; drivers/all joins them.
var Driver = drivers.Define("dummy-ups", "0.15",
	"plays a device from a file", Config{}, open)

// The modes, by NUT's names.
const (
	modeOnce     = "dummy-once"
	modeLoop     = "dummy-loop"
	modeDummy    = "dummy" // NUT's older name of the loop
	modeRepeater = "repeater"
)

// Repeats tells whether the settings of a dummy-ups ask for the repeater of a
// UPS of another server, rather than for a file: by mode, else by an @ in port.
func Repeats(settings []drivers.Setting) bool {
	mode, port := last(settings, "mode"), last(settings, "port")
	return mode == modeRepeater || mode == "" && strings.Contains(port, "@")
}

func last(settings []drivers.Setting, name string) string {
	for _, s := range slices.Backward(settings) {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

// Check is called by Bind.
func (c *Config) Check() error {
	switch c.Mode {
	case "", modeOnce, modeLoop, modeDummy:
	default:
		return &drivers.SettingError{Name: "mode", Reason: c.Mode + " is none of dummy-once, dummy-loop, repeater"}
	}
	if c.Port == "" {
		return &drivers.SettingError{Name: "port", Reason: "names no file"}
	}
	return nil
}

// loops tells whether the file is to be played over and over.
func (c *Config) loops() bool {
	if c.Mode == "" {
		return filepath.Ext(c.Port) != ".dev"
	}
	return c.Mode != modeOnce
}

func open(_ context.Context, env drivers.Env, c Config) (drivers.Device, error) {
	path := c.Port
	if !filepath.IsAbs(path) {
		path = filepath.Join(env.ConfDir, path)
	}
	p := &player{path: path, loop: c.loops(), log: env.Log}
	if err := p.reload(); err != nil {
		return nil, err
	}
	return p, nil
}
