package usbdev

import (
	"fmt"
	"regexp"
)

// Choice is what a section of ups.conf says to have this device and no other, as
// pairs of an option and its value: firm is what the device is, and fleeting where it
// is plugged in today, from what lasts longest to what is another each time. Texts are
// made regular expressions, as the options are; what the device does not tell is left
// out.
func (i Info) Choice() (firm, fleeting [][2]string) {
	return told(
			[2]string{"vendorid", fmt.Sprintf("%04X", i.VendorID)},
			[2]string{"productid", fmt.Sprintf("%04X", i.ProductID)},
			[2]string{"product", regexp.QuoteMeta(i.Product)},
			[2]string{"serial", regexp.QuoteMeta(i.Serial)},
			[2]string{"vendor", regexp.QuoteMeta(i.Vendor)},
		), told(
			[2]string{"busport", i.BusPort()},
			[2]string{"bus", i.Bus},
			[2]string{"device", i.Device},
		)
}

func told(pairs ...[2]string) [][2]string {
	var all [][2]string
	for _, p := range pairs {
		if p[1] != "" {
			all = append(all, p)
		}
	}
	return all
}
