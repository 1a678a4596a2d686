package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/driverctl"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/conf"
)

// driverConfig is what a driver program is told by ups.conf and its options.
type driverConfig struct {
	config.UPS
	site *config.Config
	open drivers.Opener
}

// load reads the configuration and checks it. It touches no hardware.
func (p *driverProgram) load() (*driverConfig, error) {
	site, report := config.Load(config.Options{})
	u, err := p.find(site, report)
	if err != nil {
		return nil, err
	}
	c := &driverConfig{UPS: u.With(p.o.settings...), site: site}
	if _, c.open, err = config.Bind(c.UPS, []drivers.Driver{p.driver}); err != nil {
		return nil, err
	}
	return c, nil
}

// find returns the section that the driver is for.
func (p *driverProgram) find(site *config.Config, report *config.Report) (config.UPS, error) {
	if p.o.bare {
		u := config.Bare(p.o.ups, "command line")
		u.Driver = p.name
		return u, nil
	}
	i := slices.IndexFunc(site.UPSes, func(u config.UPS) bool { return strings.EqualFold(u.Name, p.o.ups) })
	if i < 0 {
		if err := upsConfErrors(report, p.o.ups); err != nil {
			return config.UPS{}, err
		}
		return config.UPS{}, fmt.Errorf("Section %s not found in ups.conf", p.o.ups) //nolint:staticcheck // NUT's words
	}
	u := site.UPSes[i]
	switch {
	case u.Broken:
		return u, errors.Join(upsConfErrors(report, u.Name), fmt.Errorf("section %s of ups.conf is broken", u.Name))
	case u.Driver != p.name:
		return u, fmt.Errorf("UPS [%s] is for driver %s, but this is %s", u.Name, u.Driver, p.name)
	}
	return u, nil
}

// upsConfErrors is what is wrong in ups.conf about one UPS, or all of it.
func upsConfErrors(report *config.Report, ups string) error {
	var found config.Problems
	for _, problem := range report.Problems {
		if problem.Severity >= conf.Error && problem.File == "ups.conf" && (problem.Section == "" || problem.Section == ups) {
			found = append(found, problem)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// runAs is the user to become, "" for the usual one. A section's user is not
// it where the driver has a setting of that name.
func (p *driverProgram) runAs(c *driverConfig) string {
	own := slices.ContainsFunc(p.driver.Options, func(o drivers.Option) bool { return o.Name == "user" })
	said := slices.ContainsFunc(c.Settings, func(s config.Setting) bool { return s.Name == "user" })
	if own && said {
		return p.o.user
	}
	return cmp.Or(p.o.user, c.User)
}

func (c *driverConfig) env(log *slog.Logger) drivers.Env {
	return drivers.Env{UPS: c.Name, ConfDir: absolutePath(c.site.Dir), StateDir: absolutePath(c.site.StateDir), Log: log}
}

func (c *driverConfig) process() driverctl.Process {
	return driverctl.Process{Driver: c.Driver, UPS: c.Name, StateDir: c.site.StateDir}
}

func absolutePath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
