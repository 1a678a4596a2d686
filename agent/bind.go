package agent

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/nutsocket"
	"github.com/wattnut/wattnut/nut"
)

// driverPaths is where distributions put the programs of NUT's drivers.
var driverPaths = []string{"/lib/nut", "/usr/lib/nut", "/usr/libexec/nut", "/usr/local/ups/bin", "/usr/local/libexec/nut"}

// bind finds what opens the device of u: a driver of our own, a driver of
// NUT's that this agent runs, or, for a server alone, one that somebody runs.
func (f *fleet) bind(u config.UPS, c *config.Config) (drivers.Opener, device.Overlay, error) {
	socket := nutsocket.Options{MaxAge: c.Server.MaxAge, StartDelay: u.MaxStartDelay, User: u.User}
	if f.options.Attach {
		return nutsocket.Attach(u.Driver, socket), device.Overlay{}, nil
	}
	driver, open, err := config.Bind(u, f.options.Drivers)
	switch {
	case err == nil:
		return open, Overlay(u, driver, f.options.Version), nil
	case !errors.Is(err, config.ErrNoNativeDriver):
		return nil, device.Overlay{}, err
	}
	program, err := FindDriver(c.DriverPath, u.Driver)
	if err != nil {
		return nil, device.Overlay{}, err
	}
	// NUT's program reads the same section and lays its settings itself.
	return nutsocket.Start(program, socket), device.Overlay{}, nil
}

// FindDriver returns the path of a program of NUT's driver: in the folder
// configured, if it is not "", else where distributions have them.
func FindDriver(configured, name string) (string, error) {
	if name != filepath.Base(name) {
		return "", fmt.Errorf("driver %q: a driver's name has no slash", name)
	}
	paths := driverPaths
	if configured != "" {
		paths = []string{configured}
	}
	for _, dir := range paths {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("driver %s: wattnut has none of that name, and NUT's is not in %s: install NUT's package, or set driverpath in ups.conf", name, strings.Join(paths, ", "))
}

func env(u config.UPS, c *config.Config, log *slog.Logger) drivers.Env {
	return drivers.Env{UPS: u.Name, ConfDir: absolute(c.Dir), StateDir: absolute(c.StateDir), Log: log}
}

// Overlay is what the section of u lays over the facts of its device.
func Overlay(u config.UPS, driver drivers.Driver, version string) device.Overlay {
	facts := []nut.Variable{
		{Name: "driver.name", Value: u.Driver},
		{Name: "driver.version", Value: version},
		{Name: "driver.version.internal", Value: driver.Version},
		{Name: "driver.parameter.pollinterval", Value: strconv.FormatFloat(u.PollInterval.Seconds(), 'f', -1, 64)},
		{Name: "driver.parameter.synchronous", Value: u.Synchronous},
	}
	if u.IgnoreLB {
		facts = append(facts, nut.Variable{Name: "driver.flag.ignorelb", Value: "enabled"})
	}
	for _, o := range driver.Options {
		for _, s := range u.Settings {
			if s.Name != o.Name || o.Secret {
				continue
			}
			v := nut.Variable{Name: nut.Name("driver.parameter." + s.Name), Value: s.Value}
			if s.Flag {
				v = nut.Variable{Name: nut.Name("driver.flag." + s.Name), Value: "enabled"}
			}
			facts = append(facts, v)
		}
	}
	return device.Overlay{Driver: facts, Default: u.Default, Override: u.Override, IgnoreLB: u.IgnoreLB, Complete: true}
}
