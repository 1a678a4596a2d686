package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/wattnut/wattnut/drivers/all"
)

// version is what this binary is; the build sets it.
var version = "dev" //nolint:gochecknoglobals // the linker sets it

// daemons are the programs that NUT keeps in sbin.
var daemons = map[string]bool{"upsd": true, "upsmon": true, "upssched": true, "upsdrvctl": true}

// own are the programs that NUT does not have.
var own = map[string]bool{"agent": true, "demo": true, "check": true, "version": true}

// runVersion tells what this binary is or, for "make install", the links by
// which it can be called.
func runVersion(_ context.Context, c call) int {
	if len(c.args) == 1 && c.args[0] == "--links" {
		drivers := make(map[string]bool)
		for _, d := range all.Drivers() {
			drivers[d.Name] = true
		}
		for _, p := range programs() {
			switch {
			case own[p.name]:
			case daemons[p.name]:
				fmt.Fprintln(c.stdout, "sbin/"+p.name)
			case drivers[p.name]:
				fmt.Fprintln(c.stdout, "lib/nut/"+p.name)
			default:
				fmt.Fprintln(c.stdout, "bin/"+p.name)
			}
		}
		return 0
	}
	fmt.Fprintf(c.stdout, "wattnut %s, %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return 0
}
