package agent

import (
	"errors"
	"fmt"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/conf"
)

// Check adds to report what the files alone do not show but an Agent would
// stumble over: drivers that are not there, settings that they refuse, and
// certificates that cannot be used. It opens neither sockets nor devices.
func Check(c *config.Config, known []drivers.Driver, report *config.Report) {
	for _, u := range c.UPSes {
		if u.Broken {
			continue
		}
		_, _, err := config.Bind(u, known)
		if errors.Is(err, config.ErrNoNativeDriver) {
			if _, err = FindDriver(c.DriverPath, u.Driver); err != nil {
				text := fmt.Sprintf("UPS [%s]: %v", u.Name, err)
				err = config.Problems{{File: u.File, Line: u.Line, Section: u.Name, Severity: conf.Error, Text: text}}
			}
		}
		if err != nil {
			report.Add("ups.conf", err)
		}
	}
	if _, err := certificate(c.Server, quiet(nil)); err != nil {
		report.Add("upsd.conf", err)
	}
}
