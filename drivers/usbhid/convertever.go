package usbhid

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// everConversions read Ever's reports as a whole: what their usages declare does not
// say what is in them. The numbers of the reports are the device's.
var everConversions = map[string]conversion{
	"ever-format-hardware": {plain(everHardware), nil},
	"ever-format-version":  {plain(everVersion), nil},
	"ever-mac-address":     {everMAC, nil},
	"ever-ip-address":      {everAddress, nil},
	"ever-packets":         {everPackets, nil},
	"ever-workmode":        {everWorkMode, nil},
	"ever-messages":        {everWords(75, everMessages), nil},
	"ever-alarms":          {everWords(76, everAlarms), nil},
	"ever-on-off":          {everOff, nil},
}

func everHardware(x float64) (string, bool) {
	n := uint16(int64(x))
	letter := byte('0')
	if high := byte(n >> 8); high > 0 {
		letter = 'A' + high - 1
	}
	return fmt.Sprintf("rev.%cv%02d", letter, n&0xff), letter <= 'Z'
}

func everVersion(x float64) (string, bool) {
	n := uint16(int64(x))
	return fmt.Sprintf("v%X.%Xb%02d", n>>12, n>>8&0x0f, n&0xff), true
}

func everMAC(ctx context.Context, d *device, _ *bound, _ float64) (string, bool) {
	data, ok := d.data(ctx, 210)
	if !ok || len(data) < 6 {
		return "", false
	}
	return net.HardwareAddr(data[:6]).String(), true
}

// everReports are the reports of addresses and counters.
var everReports = map[nut.Name]byte{
	"experimental.networkcard.notification_destination_ip": 211,
	"experimental.networkcard.ip_address":                  230,
	"experimental.networkcard.network_mask":                231,
	"experimental.networkcard.default_gateway":             232,
	"experimental.networkcard.send_packets":                215,
	"experimental.networkcard.received_packets":            216,
	"experimental.networkcard.send_packets_err":            217,
	"experimental.networkcard.received_packets_err":        218,
}

func everAddress(ctx context.Context, d *device, b *bound, _ float64) (string, bool) {
	data, ok := d.data(ctx, everReports[b.row.Var])
	if !ok || len(data) < 4 {
		return "", false
	}
	return netip.AddrFrom4([4]byte(data[:4])).String(), true
}

func everPackets(ctx context.Context, d *device, b *bound, _ float64) (string, bool) {
	data, ok := d.data(ctx, everReports[b.row.Var])
	if !ok || len(data) < 4 {
		return "", false
	}
	return fmt.Sprint(binary.LittleEndian.Uint32(data)), true
}

var everWorkModes = map[byte]string{
	2: "STOP", 4: "ONLINE", 8: "ONBATTERY", 16: "WATCH", 32: "WAITING", 64: "EMERGENCY",
}

func everWorkMode(ctx context.Context, d *device, _ *bound, _ float64) (string, bool) {
	data, ok := d.data(ctx, 74)
	if !ok || len(data) < 1 {
		return "", false
	}
	if mode, known := everWorkModes[data[0]]; known {
		return mode, true
	}
	return "UNKNOWN", true
}

func everOff(ctx context.Context, d *device, _ *bound, _ float64) (string, bool) {
	data, ok := d.data(ctx, 74)
	if !ok || len(data) < 1 {
		return "", false
	}
	if data[0] == 4 || data[0] == 8 {
		return "!off", true
	}
	return "off", true
}

type everWord struct {
	mask uint16
	word string
}

// The words, with their spelling, are those that NUT's users know.
var (
	everMessages = []everWord{
		{0x0004, "BOOST"},
		{0x0008, "BUCK"},
		{0x0010, "BOOST_BLOCKED"},
		{0x0020, "BUCK_BLOCKED"},
		{0x0040, "CHARGING"},
		{0x0080, "FAN_ON"},
		{0x0100, "EPO_BLOCKED"},
		{0x0200, "NEED_REPLACMENT"},
		{0x0c00, "OVERHEAT"},
		{0x1000, "WAITING_FOR_MIN_CHARGE"},
		{0x2000, "MAINS_OUT_OF_RANGE"},
	}
	everAlarms = []everWord{
		{0x0001, "OVERLOAD"},
		{0x0002, "SHORT-CIRCUIT"},
		{0x000c, "OVERHEAT"},
		{0x0010, "EPO"},
		{0x0020, "INERNAL_ERROR"},
		{0x0040, "REVERSE_POWER_SUPPLY"},
		{0x0080, "NO_INETERNAL_COMM"},
		{0x0100, "CRITICAL_BATT_VOLTAGE"},
	}
)

// everWords are the words for the bits of a report's first two bytes.
func everWords(id byte, words []everWord) func(context.Context, *device, *bound, float64) (string, bool) {
	return func(ctx context.Context, d *device, _ *bound, _ float64) (string, bool) {
		data, ok := d.data(ctx, id)
		if !ok || len(data) < 2 {
			return "", false
		}
		var said []string
		for _, w := range words {
			if binary.LittleEndian.Uint16(data)&w.mask != 0 {
				said = append(said, w.word)
			}
		}
		return strings.Join(said, " "), true
	}
}
