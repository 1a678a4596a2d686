package usbhid

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// Config is what ups.conf says about a USB HID UPS, under NUT's names.
type Config struct {
	Port string `conf:"port" help:"not used with USB; the serial port of mge-shut"`

	Transport string `conf:"usb_transport" help:"hidraw or libusb; the first that has the device if not given"`
	usbdev.Selector
	usbdev.Options
	AllowDuplicates bool `conf:"allow_duplicates" help:"take any of several devices that fit; has no effect here, where no section takes another's device"`

	Subdriver  string        `conf:"subdriver" help:"the table to use: its name, or a regular expression that matches its label; for a device that no table claims"`
	LowBattery string        `conf:"lowbatt" help:"charge under which the battery is low, in percent: set in the device, if that can be set; its own if not given"`
	OffDelay   string        `conf:"offdelay" help:"seconds until the load is switched off at a shutdown; 20, or 60 with CyberPower, if not given"`
	OnDelay    string        `conf:"ondelay" help:"seconds until it is switched on again when the mains is back; 30, or 120 with CyberPower, if not given"`
	PollFreq   time.Duration `conf:"pollfreq" help:"seconds between full polls; 30, or 12 with CyberPower, if not given"`

	PollOnly      bool `conf:"pollonly" help:"do not read the interrupt pipe"`
	InterruptOnly bool `conf:"interruptonly" help:"read nothing but the interrupt pipe"`
	InterruptSize int  `conf:"interruptsize" help:"read so many bytes at once from the interrupt pipe; 0 for as many as its longest report has"`
	NoEvents      int  `conf:"interrupt_pipe_no_events_tolerance" help:"open the device anew after so many polls without a report of the interrupt pipe; -1 for never"`
	MaxReport     bool `conf:"maxreport" help:"ask for reports in full length, for devices that send more than they declare"`

	OnlineDischarge   bool          `conf:"onlinedischarge" help:"the old name of onlinedischarge_onbattery"`
	OnBattery         bool          `conf:"onlinedischarge_onbattery" help:"take a device that is on line and discharges for one on battery"`
	Calibration       bool          `conf:"onlinedischarge_calibration" help:"take a device that is on line and discharges for one that calibrates itself"`
	DischargeLogDelay time.Duration `conf:"onlinedischarge_log_throttle_sec" help:"log so often that a device is on line and discharges; 0 for once"`
	DischargeLogUnder int           `conf:"onlinedischarge_log_throttle_hovercharge" help:"log it only under this charge, in percent"`
	LowDelay          time.Duration `conf:"lbrb_log_delay_sec" help:"pass LB and RB on only when they have held for so many seconds, while the device calibrates itself"`
	LowDelayAlways    bool          `conf:"lbrb_log_delay_without_calibrating" help:"do so at other times as well"`

	KeepDescriptor   bool `conf:"disable_fix_report_desc" help:"do not mend the known mistakes of report descriptors"`
	PowercomSwap     bool `conf:"powercom_sdcmd_byte_order_fallback" help:"Powercom: delays in the byte order of older devices"`
	PowercomDiscrete bool `conf:"powercom_sdcmd_discrete_delay" help:"Powercom: delays by the numbers of a list"`

	Explore      bool          `conf:"explore" help:"take any HID device and show nothing of it; wattnut usbhid --explore tells more"`
	Notification string        `conf:"notification" help:"not used: of NUT's driver for Windows"`
	WinHID       bool          `conf:"winhid" help:"not used: of NUT's driver for Windows"`
	Wait         time.Duration `conf:"waitbeforereconnect" help:"not used: the agent opens a lost device when it is plugged in, and tries by itself every few seconds"`

	table  *regexp.Regexp
	match  usbdev.Matcher
	owners *usbdev.Owners // of all sections; set by the driver
}

var defaults = Config{NoEvents: -1, DischargeLogUnder: 100}

// Check is called by Bind.
func (c *Config) Check() error {
	match, err := c.Compile()
	if err != nil {
		return settingError(err)
	}
	c.match = match
	if c.table, err = regexp.Compile("(?i)^(?:" + c.Subdriver + ")"); err != nil {
		return &drivers.SettingError{Name: "subdriver", Reason: fmt.Sprintf("%q is not a regular expression", c.Subdriver)}
	}
	for _, n := range []struct {
		name, value string
		top         int
	}{
		{"lowbatt", c.LowBattery, 100},
		{"offdelay", c.OffDelay, 1 << 20},
		{"ondelay", c.OnDelay, 1 << 20},
		{"interruptsize", strconv.Itoa(c.InterruptSize), maxPacket},
	} {
		if x, err := strconv.Atoi(n.value); n.value != "" && (err != nil || x < 0 || x > n.top) {
			return &drivers.SettingError{Name: n.name, Reason: fmt.Sprintf("%s is not from 0 to %d", n.value, n.top)}
		}
	}
	if !slices.Contains([]string{"", "hidraw", "libusb"}, c.Transport) {
		return &drivers.SettingError{Name: "usb_transport", Reason: fmt.Sprintf("%q is neither hidraw nor libusb", c.Transport)}
	}
	if c.PollOnly && c.InterruptOnly {
		return &drivers.SettingError{Name: "pollonly", Reason: "excludes interruptonly"}
	}
	c.OnBattery = c.OnBattery || c.OnlineDischarge
	return nil
}
