package usbhid

import (
	"context"
	"testing"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/nut"
)

// canned is a port that has some reports and no more.
type canned map[byte][]byte

func (c canned) GetReport(_ context.Context, _ usbdev.ReportKind, id byte, buf []byte) (int, error) {
	b, ok := c[id]
	if !ok {
		return 0, usbdev.ErrStall
	}
	buf[0] = id
	return 1 + copy(buf[1:], b), nil
}

func (canned) SetReport(context.Context, usbdev.ReportKind, []byte) error { return usbdev.ErrStall }

func (canned) Close() error { return nil }

// TestRawReports are conversions that look at a report as a whole.
func TestRawReports(t *testing.T) {
	port := canned{
		210: {0x00, 0x1b, 0x21, 0xab, 0xcd, 0xef}, 230: {192, 168, 1, 2}, 231: {255, 255, 255, 0}, 215: {0x10, 0x27, 0, 0},
		216: {1}, 74: {8}, 75: {0x44, 0x0c}, 76: {0x01, 0x01}, 0xa4: []byte(" 13.7 2"),
	}
	d := desk(t, "ever", "", nil)
	d.reports.port, d.reports.whole = port, true
	for _, tt := range []struct {
		name   nut.Name
		lookup string
		want   string
	}{
		{"experimental.networkcard.mac_address", "ever-mac-address", "00:1b:21:ab:cd:ef"},
		{"experimental.networkcard.ip_address", "ever-ip-address", "192.168.1.2"},
		{"experimental.networkcard.network_mask", "ever-ip-address", "255.255.255.0"},
		{"experimental.networkcard.default_gateway", "ever-ip-address", "-"}, // refused
		{"experimental.networkcard.send_packets", "ever-packets", "10000"},
		{"experimental.networkcard.received_packets", "ever-packets", "-"}, // too short
		{"experimental.status.workmode", "ever-workmode", "ONBATTERY"},
		{"experimental.status.messages", "ever-messages", "BOOST CHARGING OVERHEAT"},
		{"experimental.status.alarms", "ever-alarms", "OVERLOAD CRITICAL_BATT_VOLTAGE"},
		{"", "ever-on-off", "!off"},
	} {
		d.reports.begin()
		text, ok := d.text(t.Context(), &bound{row: &Row{Var: tt.name}, lookup: d.lookup(tt.lookup)}, 0)
		if !ok {
			text = "-"
		}
		if text != tt.want {
			t.Errorf("%s %s is %q, want %q", tt.lookup, tt.name, text, tt.want)
		}
	}
	port[74] = []byte{2}
	d.reports.begin()
	if off, mode := d.say(t, "ever-on-off", 0), d.say(t, "ever-workmode", 0); off != "off" || mode != "STOP" {
		t.Errorf("stopped: %s %s", off, mode)
	}
	port[74] = []byte{99}
	d.reports.begin()
	if mode := d.say(t, "ever-workmode", 0); mode != "UNKNOWN" {
		t.Errorf("an unknown mode is %s", mode)
	}

	p := desk(t, "powercom", "", nil)
	p.reports.port, p.reports.whole = port, true
	for _, text := range []string{" 13.7 2", "garbage", ""} { // the last good one stays
		port[0xa4] = []byte(text)
		p.reports.begin()
		if got := p.say(t, "powercom-hack-voltage", 0); got != "13.7" {
			t.Errorf("of %q it is %s", text, got)
		}
	}
	delete(port, 0xa4)
	p.learnt = make(map[string]float64)
	if got := p.say(t, "powercom-hack-voltage", 0); got != "-" {
		t.Errorf("of nothing it is %s", got)
	}
}

// TestEverRows: each report that a row of Ever's table wants is known.
func TestEverRows(t *testing.T) {
	table, err := load("ever")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range table.Rows {
		if r.Convert == "ever-ip-address" || r.Convert == "ever-packets" {
			n++
			if everReports[r.Var] == 0 {
				t.Errorf("%s comes from no report", r.Var)
			}
		}
	}
	if n != len(everReports) {
		t.Errorf("%d rows, %d reports", n, len(everReports))
	}
}
