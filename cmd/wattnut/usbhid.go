package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/usbhid"
	"github.com/wattnut/wattnut/internal/manual"
)

func usbhidManual() manual.Manual {
	return manual.Manual{
		About: "Shows what the USB HID power devices that are plugged in declare: each field with its path, report, unit, range and value, and what usbhid-ups makes of it.\nThat is what a table for a new device is written from. Nothing is changed at a device.",
		Forms: []string{"--explore [NAME=VALUE]..."},
		Options: []manual.Option{
			{"--explore", "show them"},
			{"NAME=VALUE", "a setting of usbhid-ups, such as productid=0001 to show a device that is no power device"},
		},
	}
}

// runUsbhid explores devices.
func runUsbhid(ctx context.Context, c call) int {
	switch {
	case asksHelp(c.args):
		c.help(usbhidManual())
		return 0
	case len(c.args) == 0 || c.args[0] != "--explore":
		return c.mistaken(usbhidManual())
	}
	var settings []drivers.Setting
	for _, word := range c.args[1:] {
		name, value, given := strings.Cut(word, "=")
		settings = append(settings, drivers.Setting{Name: name, Value: value, Flag: !given})
	}
	if err := usbhid.Explore(ctx, c.stdout, settings); err != nil {
		fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
		return 1
	}
	return 0
}
