package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/conf"
)

func checkManual() manual.Manual {
	return manual.Manual{
		About: "Reads the configuration as the agent does and says what is wrong, with file and line.\nWithout FOLDER it is that of $NUT_CONFPATH, else /etc/wattnut, else /etc/nut.\nThe exit code is 1 if something has to be mended; a warning has not.",
		Forms: []string{"[FOLDER]"},
	}
}

// runCheck says everything that is wrong with a configuration: what it accepts,
// starts.
func runCheck(_ context.Context, c call) int {
	dir := strings.Join(c.args, " ")
	switch {
	case asksHelp(c.args):
		c.help(checkManual())
		return 0
	case len(c.args) > 1 || strings.HasPrefix(dir, "-"):
		return c.mistaken(checkManual())
	}
	cfg, report := config.Load(config.Options{Dir: dir, All: true})
	agent.Check(cfg, all.Drivers(), report)
	checkPages(cfg.Env, report)
	checkPush(report)
	tell(c.stdout, report)
	if report.Err(conf.Error) != nil {
		return 1
	}
	fmt.Fprintf(c.stdout, "%s: %d UPSes, %d users: good to start\n", cfg.Dir, len(cfg.UPSes), len(cfg.Users))
	return 0
}
