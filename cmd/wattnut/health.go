package main

import (
	"context"
	"fmt"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/manual"
)

// healthTime is how long an agent may take to answer.
const healthTime = 5 * time.Second

func healthManual() manual.Manual {
	return manual.Manual{
		About: "Asks the agent of this host, or the server at ADDRESS, whether it serves; for containers and scripts.\nThe exit code is 0 if it does, else 1. What its UPSes say is not looked at.",
		Forms: []string{"[ADDRESS[:PORT]]"},
	}
}

// runHealth asks a server for a sign of life.
func runHealth(ctx context.Context, c call) int {
	switch {
	case asksHelp(c.args):
		c.help(healthManual())
		return 0
	case len(c.args) > 1:
		return c.mistaken(healthManual())
	}
	address := ownAddress()
	if len(c.args) == 1 {
		address = c.args[0]
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	server, err := remote{}.dial(ctx, address)
	if err != nil {
		return fail(c, err)
	}
	said, err := server.Version(ctx)
	lastly(ctx, server)
	if err != nil {
		return fail(c, fmt.Errorf("%s: %w", address, err))
	}
	fmt.Fprintf(c.stdout, "%s serves: %s\n", address, said)
	return 0
}

// ownAddress is where the agent of this host serves.
func ownAddress() string {
	cfg, _ := config.Load(config.Options{})
	return addressOf(cfg)
}

// addressOf is where an agent of that configuration serves.
func addressOf(cfg *config.Config) string {
	if len(cfg.Server.Listen) == 0 {
		return "localhost"
	}
	l := cfg.Server.Listen[0]
	if isEverywhere(l.Host) {
		l.Host = "localhost"
	}
	return l.String()
}
