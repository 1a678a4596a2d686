package all

import (
	"slices"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/dummy"
	"github.com/wattnut/wattnut/drivers/upsclient"
)

// dummyUPS is NUT's dummy-ups: a player of files and a repeater of other
// servers' UPSes under one name, told apart by the settings.
func dummyUPS() drivers.Driver {
	d := dummy.Driver
	d.About = "plays a device from a file, or repeats a UPS of another upsd"
	d.Options = append(slices.Clone(d.Options), onlyIn(upsclient.Driver.Options, dummy.Driver.Options)...)
	d.Scanners = append([]drivers.Scanner{dummy.Scanner}, upsclient.Scanners...)
	d.Bind = func(settings []drivers.Setting) (drivers.Opener, error) {
		if dummy.Repeats(settings) {
			return upsclient.Driver.Bind(settings)
		}
		// What only the repeater knows means nothing to a file, and is no
		// mistake: "user" among it is one of NUT's settings of every driver.
		return dummy.Driver.Bind(slices.DeleteFunc(slices.Clone(settings), func(s drivers.Setting) bool {
			return !has(dummy.Driver.Options, s.Name) && has(upsclient.Driver.Options, s.Name)
		}))
	}
	return d
}

// onlyIn are the options of a that b does not have.
func onlyIn(a, b []drivers.Option) []drivers.Option {
	return slices.DeleteFunc(slices.Clone(a), func(o drivers.Option) bool { return has(b, o.Name) })
}

func has(options []drivers.Option, name string) bool {
	return slices.ContainsFunc(options, func(o drivers.Option) bool { return o.Name == name })
}
