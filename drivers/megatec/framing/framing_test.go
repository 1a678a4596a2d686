package framing

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

const q1 = "(226.0 195.0 226.0 014 49.0 27.5 30.0 00001000\r"

// packets are steps that bring a text in parts.
func packets(size int, call, text string) []step {
	var all []step
	for part := range slices.Chunk([]byte(text), size) {
		padded := append(slices.Clone(part), make([]byte, size-len(part))...)
		all = append(all, step{call: call, answer: string(padded)})
	}
	return all
}

func with(first step, more ...step) []step { return append([]step{first}, more...) }

// TestTransfers: each framing makes exactly the transfers that its devices
// understand.
func TestTransfers(t *testing.T) {
	timeout := step{call: "in 8", err: usbdev.ErrTimeout}
	for _, tt := range []struct {
		name, framing, command string
		options                Options
		steps                  []step
		want                   string // "" for silence
	}{
		{"question", "cypress", "Q1\r", Options{}, with(step{call: `set 21 09 0200 0000 "Q1\r"+5`}, packets(8, "in 8", q1)...), q1},
		{"long command", "cypress", "S.5R0003\r", Options{}, []step{
			{call: `set 21 09 0200 0000 "S.5R0003"`}, {call: `set 21 09 0200 0000 "\r"+7`}, timeout,
		}, ""},
		{"no answer", "cypress", "Q\r", Options{}, []step{{call: `set 21 09 0200 0000 "Q\r"+6`}, timeout}, ""},
		{"half an answer", "cypress", "Q1\r", Options{}, []step{
			{call: `set 21 09 0200 0000 "Q1\r"+5`}, {call: "in 8", answer: "(226.0 1"}, timeout,
		}, ""},
		{"stall", "cypress", "Q1\r", Options{}, []step{
			{call: `set 21 09 0200 0000 "Q1\r"+5`}, {call: "in 8", err: usbdev.ErrStall}, {call: "clear 81"},
		}, ""},

		{"what was left over", "phoenix", "F\r", Options{}, slices.Concat(
			[]step{{call: "in 8", answer: "old"}, timeout, {call: `set 21 09 0200 0000 "F\r"+6`}}, packets(8, "in 8", "#220.0 000 12.00 50.0\r")), "#220.0 000 12.00 50.0\r"},
		{"one packet", "ippon", "Q1\r", Options{}, []step{
			{call: `set 21 09 0002 0000 "Q1\r"+5`}, {call: "in 64", answer: q1 + "\x00\x00junk"},
		}, q1},
		{"ended by a zero", "ippon", "I\r", Options{}, []step{
			{call: `set 21 09 0002 0000 "I\r"+6`}, {call: "in 64", answer: "#WATTNUT\x00xx"},
		}, "#WATTNUT\r"},
		{"sixteen at a time", "omron", "Q1\r", Options{}, []step{
			{call: `set 21 09 0002 0000 "Q1\r"+13`}, {call: "in 64", answer: q1},
		}, q1},
		{"long packets", "gtec", "Q4\r", Options{}, []step{
			{call: `set 21 09 0002 0000 "Q4\r"+5`}, {call: "in 128", answer: q1},
		}, q1},
		{"counted", "sgs", "Q1\r", Options{}, []step{
			{call: `set 21 09 0200 0000 "\x03Q1\r"+4`}, {call: "in 8", answer: "\x07(226.0 "}, {call: "in 8", answer: "\x0212xxxxx"}, timeout,
		}, "(226.0 12\r"},
		{"counted, long", "sgs", "S.5R0003\r", Options{}, []step{
			{call: `set 21 09 0200 0000 "\aS.5R000"`}, {call: `set 21 09 0200 0000 "\x023\r"+5`}, timeout,
		}, ""},
		{"vendor request", "phoenixtec", "Q3\r", Options{}, []step{
			{call: `set 42 0d 0000 0000 "Q3\r"`}, {call: "in 64", answer: "(00"}, {call: "in 64", answer: "1\r"},
		}, "(001\r"},
		{"not listened to", "phoenixtec", "T10\r", Options{}, []step{{call: `set 42 0d 0000 0000 "T10\r"`}}, ""},

		{"descriptor", "krauler", "Q1\r", Options{}, []step{
			{call: "get 80 06 0300 0000 255", answer: "0x04030904"},
			{call: "get 80 06 0303 0409 255", answer: descriptor("x226.0 195.0")},
		}, "(226.0 195.0\r"},
		{"refused twice", "krauler", "F\r", Options{Language: 0x4095}, []step{
			{call: "get 80 06 030d 4095 255", answer: descriptor("UPS No Ack")},
			{call: "get 80 06 030d 4095 255", answer: descriptor("UPS No Ack")},
			{call: "get 80 06 030d 4095 255", answer: descriptor("#220.0")},
		}, "#220.0\r"},
		{"no number", "krauler", "QGS\r", Options{}, nil, "QGS\r"},
		{"shutdown by number", "fabula", "S.5R0003\r", Options{Language: 0x409}, []step{
			{call: "get 80 06 0318 0409 255", answer: descriptor("ACK")},
		}, "ACK\r"},
		{"no acknowledgement", "fabula", "Q\r", Options{Language: 0x409}, []step{
			{call: "get 80 06 0307 0409 255", answer: descriptor("UPS No Ack")},
		}, ""},
		{"prelude", "hunnox", "Q1\r", Options{}, []step{
			{call: "get 80 06 0300 0000 1026", answer: "0x04030904"},
			{call: "get 80 06 0300 0000 1026", err: usbdev.ErrStall},
			{call: "clear 81"},
			{call: "get 80 06 0301 0409 102", answer: descriptor("MEC")},
			{call: "get 80 06 030d 0409 102", answer: descriptor("#220.0")},
			{call: "get 80 06 0303 0409 102", answer: descriptor("(226.0")},
		}, "(226.0\r"},
		{"snr", "snr", "I\r", Options{}, []step{
			{call: "in 102", err: usbdev.ErrTimeout}, {call: "get 80 06 030c 0409 102", answer: descriptor("xSNR")},
		}, "#SNR\r"},
		{"length that is wrong", "snr", "I\r", Options{}, []step{
			{call: "in 102", err: usbdev.ErrTimeout}, {call: "get 80 06 030c 0409 102", answer: "0x40035300"},
		}, ""},

		{"endpoint", "fuji", "Q1\r", Options{}, with(step{call: `out "\x80\x06\x03\x03Q1\x00/"`}, packets(8, "in 8", q1)...), q1},
		{"no room", "fuji", "QGS1\r", Options{}, nil, "QGS1\r"},
		{"cut", "fuji", "S01R0003\r", Options{}, []step{{call: `out "\x80\x06\x04\x03S01"+1`}, timeout}, ""},

		{"feature report", "ablerex", "F\r", Options{}, []step{
			{call: `set 21 09 0305 0000 "\x05\x00\x02F\r"+42`}, {call: "get a1 01 0305 0000 47", answer: "#220.0 000 12.00 50.0\r\x00"},
		}, "#220.0 000 12.00 50.0\r"},
		{"asked again", "ablerex", "F\r", Options{}, []step{
			{call: `set 21 09 0305 0000 "\x05\x00\x02F\r"+42`},
			{call: "get a1 01 0305 0000 47", answer: "#220\r"},
			{call: `set 21 09 0305 0000 "\x05\x00\x02F\r"+42`},
			{call: "get a1 01 0305 0000 47", answer: "#220.0 000 12.00 50.0\r\x00"},
		}, "#220.0 000 12.00 50.0\r"},
		{"in its place", "ablerex", "Q5\r", Options{}, []step{
			{call: `set 21 09 0305 0000 "\x05\x00\x03Q5\r"+41`}, {call: "get a1 01 0305 0000 47", answer: "(\r"},
		}, "(" + strings.Repeat("\x00", 20) + "\r"},

		{"reports of three", "armac", "Q1\r", Options{}, []step{
			timeout,
			{call: `set 21 09 0200 0000 "\xa3Q1\r"`},
			{call: `set 21 09 0200 0000 "\xa1"+3`},
			{call: "in 8", answer: "\x07(226.0 "},
			{call: "in 8", answer: "\x021\rxxxxx"},
		}, "(226.0 1\r"},
		{"packets of 64", "armac", "F\r", Options{Interrupt: true}, []step{
			{call: `out "\xa3F\r"+61`}, {call: "in 64", answer: "\x08#220.0 0"}, {call: "in 64", answer: "\x00"},
		}, "#220.0 0\r"},
		{"zero in the status", "armac", "Q1\r", Options{Interrupt: true}, []step{
			{call: `out "\xa4Q1\r"+60`}, {call: "in 64", answer: "\x2f" + q1[:38] + "\x00" + q1[39:]},
		}, q1},
		{"nothing", "armac", "F\r", Options{Interrupt: true}, []step{{call: `out "\xa3F\r"+61`}, {call: "in 64", answer: "\x02\x00\x00"}}, ""},
		{"no good", "armac", "QGS\r", Options{}, nil, "QGS\r"},
	} {
		t.Run(tt.framing+" "+tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, err := New(tt.framing, script(t, tt.steps...), tt.options)
				if err != nil {
					t.Fatal(err)
				}
				got, err := f.Exchange(t.Context(), []byte(tt.command))
				if tt.want == "" {
					if !errors.Is(err, dialect.ErrSilent) {
						t.Errorf("got %q, %v, want silence", got, err)
					}
					return
				}
				text := string(got)
				if i := strings.IndexByte(text, '\r'); i >= 0 {
					text = text[:i+1] // what is behind is not looked at
				}
				if text != tt.want || err != nil {
					t.Errorf("got %q, %v, want %q", got, err, tt.want)
				}
			})
		})
	}
}

// TestLost: what another try may not mend ends the contact.
func TestLost(t *testing.T) {
	for _, steps := range [][]step{
		{{call: `set 21 09 0200 0000 "Q1\r"+5`, err: usbdev.ErrGone}},
		{{call: `set 21 09 0200 0000 "Q1\r"+5`}, {call: "in 8", err: usbdev.ErrPermission}},
		{{call: `set 21 09 0200 0000 "Q1\r"+5`}, {call: "in 8", err: usbdev.ErrStall}, {call: "clear 81", err: usbdev.ErrGone}, {call: "reset"}},
	} {
		f, err := New("cypress", script(t, steps...), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Exchange(t.Context(), []byte("Q1\r")); err == nil || errors.Is(err, dialect.ErrSilent) {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

// TestShutdownIndex: minutes and a return become a number.
func TestShutdownIndex(t *testing.T) {
	for text, want := range map[string]byte{
		".5R0003": 24, ".5": 24, ".5R0000": 16, ".6R0003": 40, ".9R0000": 80, "01R0000": 96, "01": 104, "02R0001": 120,
		"10R0003": 248, "99R0000": 240, ".2R0000": 16,
	} {
		if got, ok := shutdownIndex(text); got != want || !ok {
			t.Errorf("S%s: %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{"", "x", "R1", "1Rx", "-1", "ON"} {
		if got, ok := shutdownIndex(text); ok {
			t.Errorf("S%s: %d", text, got)
		}
	}
}

// TestMatch: a device is known by its numbers, and by its strings where several
// have the same.
func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		vendorID, productID uint16
		vendor, product     string
		want                string
	}{
		{0x0665, 0x5161, "", "", "cypress"},
		{0x06da, 0x0002, "Phoenixtec Power", "USB Cable (V2.00)", "phoenixtec"},
		{0x06da, 0x0002, "phoenixtec power", "usb cable (v2.00)", "phoenixtec"},
		{0x06da, 0x0002, "other", "", "cypress"},
		{0x0001, 0x0000, "MEC", "MEC0003", "fabula"},
		{0x0001, 0x0000, "", "MEC0003", "hunnox"},
		{0x0001, 0x0000, "ATCL FOR UPS", "ATCL FOR UPS", "fuji"},
		{0x0001, 0x0000, "x", "y", "krauler"},
		{0x0590, 0x00b7, "", "", "omron"},
		{0x1a86, 0x7523, "", "", ""}, // a serial adapter like any other
		{0x1234, 0x5678, "", "", ""},
	} {
		got, err := Match(tt.vendorID, tt.productID, tt.vendor, tt.product)
		if got != tt.want || err != nil {
			t.Errorf("%04x:%04x %q %q: %q, %v, want %q", tt.vendorID, tt.productID, tt.vendor, tt.product, got, err, tt.want)
		}
	}
}

func TestUnknown(t *testing.T) {
	if _, err := New("x", nil, Options{}); err == nil || !strings.Contains(err.Error(), "cypress") {
		t.Errorf("an unknown framing brings %v", err)
	}
}
