// Package all is the list of the drivers that this build has.
package all

import (
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/apcsmart"
	"github.com/wattnut/wattnut/drivers/apcupsd"
	"github.com/wattnut/wattnut/drivers/clone"
	"github.com/wattnut/wattnut/drivers/genericups"
	"github.com/wattnut/wattnut/drivers/megatec"
	"github.com/wattnut/wattnut/drivers/nutsocket"
	"github.com/wattnut/wattnut/drivers/simulator"
	"github.com/wattnut/wattnut/drivers/snmp"
	"github.com/wattnut/wattnut/drivers/upsclient"
	"github.com/wattnut/wattnut/drivers/usbhid"
	"github.com/wattnut/wattnut/drivers/usbhid/shut"
)

// Drivers returns the drivers of this build, sorted by name. The names are
// NUT's where NUT has such a driver.
func Drivers() []drivers.Driver {
	return []drivers.Driver{
		apcsmart.Driver,
		apcupsd.Driver,
		megatec.BlazerSer,
		megatec.BlazerUSB,
		clone.New(follow),
		clone.NewOutlet(follow),
		dummyUPS(),
		genericups.Driver,
		shut.Driver,
		megatec.QX,
		nutsocket.Driver,
		simulator.Driver,
		snmp.Driver,
		upsclient.Driver,
		usbhid.Driver,
	}
}
