package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/nut/conf"
)

// runCheck says everything that is wrong with a configuration: what it accepts,
// starts.
func runCheck(_ context.Context, c call) int {
	if len(c.args) > 1 || len(c.args) == 1 && c.args[0] != "" && c.args[0][0] == '-' {
		fmt.Fprintln(c.stderr, "usage: wattnut check [FOLDER]\n\nReads the configuration as the agent does and says what is wrong, with file and line.\nThe exit code is 1 if something has to be mended; a warning has not.")
		return 2
	}
	dir := ""
	if len(c.args) == 1 {
		dir = c.args[0]
	}
	cfg, report := config.Load(config.Options{Dir: dir, All: true})
	for _, u := range cfg.UPSes {
		if u.Broken {
			continue
		}
		if _, _, err := config.Bind(u, all.Drivers()); err != nil && !errors.Is(err, config.ErrNoNativeDriver) {
			report.Add("ups.conf", err)
		}
	}
	tell(c.stdout, report)
	if report.Err(conf.Error) != nil {
		return 1
	}
	fmt.Fprintf(c.stdout, "%s: %d UPSes, %d users: good to start\n", cfg.Dir, len(cfg.UPSes), len(cfg.Users))
	return 0
}
