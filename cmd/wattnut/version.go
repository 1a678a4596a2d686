package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/internal/manual"
)

// version is what this binary is; the build sets it.
var version = "dev" //nolint:gochecknoglobals // the linker sets it

// daemons are the programs that NUT keeps in sbin.
var daemons = map[string]bool{"upsd": true, "upsmon": true, "upssched": true, "upsdrvctl": true}

// own are the programs that NUT does not have.
var own = map[string]bool{
	"agent":          true,
	"check":          true,
	"completion":     true,
	"demo":           true,
	"health":         true,
	"man":            true,
	"migrate":        true,
	"scan":           true,
	"simulate":       true,
	"support-bundle": true,
	"version":        true,
}

func versionManual() manual.Manual {
	return manual.Manual{
		About: "Tells what this binary is.", Forms: []string{"[--links]"},
		Options: []manual.Option{{"--links", "list the links by which it can be called, below a prefix, for \"make install\""}},
	}
}

// runVersion tells what this binary is or, for "make install", the links by
// which it can be called.
func runVersion(_ context.Context, c call) int {
	if len(c.args) == 1 && c.args[0] == "--links" {
		for _, link := range links() {
			fmt.Fprintln(c.stdout, link)
		}
		return 0
	}
	if asksHelp(c.args) {
		c.help(versionManual())
		return 0
	}
	fmt.Fprintf(c.stdout, "wattnut %s, %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return 0
}

// links are the paths, below a prefix, of NUT's programs that this binary can
// be.
func links() []string {
	drivers := make(map[string]bool)
	for _, d := range all.Drivers() {
		drivers[d.Name] = true
	}
	var paths []string
	for _, p := range programs() {
		switch {
		case own[p.name]:
		case daemons[p.name]:
			paths = append(paths, "sbin/"+p.name)
		case drivers[p.name]:
			paths = append(paths, "lib/nut/"+p.name)
		default:
			paths = append(paths, "bin/"+p.name)
		}
	}
	return paths
}
