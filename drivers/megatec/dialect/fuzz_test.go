package dialect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// parrot gives the same answer to everything.
type parrot []byte

func (p parrot) Exchange(context.Context, []byte) ([]byte, error) { return p, nil }

// FuzzAnswer: whatever a device answers, nothing breaks, and what is published
// can be sent on.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		q1 + "00000000\r", "#230.0 004 24.00 50.0\r", "FTC,750,230,230,20.0,27.6\r", "(PI10\r", "(EpashcjeDbrogfvdlnqw\r",
		"#\x6c\x01 \x35 \x6c\x01 \x36 \x03 \x51\x9a \x13\x12\xd0 \xe6 \x1e \x09 \x2c\r", "1350W/1500VA/120V/100W/100W\r", "M:1.23(S:4.56)\r",
		"(07 0 00000 0000:01:02:03\r", "(NAK\r", "BEM\r", "\r", "", "(242 218\r", "+25.3\r", "20250131\r", "(1\r", "(43\r",
	} {
		f.Add([]byte(seed), byte(9))
		f.Add([]byte(seed), byte(31))
	}
	all := tables(f)
	f.Fuzz(func(t *testing.T, answer []byte, protocol byte) {
		for _, tab := range all {
			u := newUnit(parrot(answer), tab, Options{Values: map[string]string{}})
			u.facts[protocolFact] = fmt.Sprintf("P%02d", protocol)
			u.facts["output.voltage.nominal"], u.facts["battery.voltage.nominal"], u.facts["output.voltage"] = "230", "24", "225"
			for _, q := range u.queries {
				said, err := u.judge(q.query, line(answer))
				if err != nil {
					said = line(answer) // even so
				}
				for _, r := range q.rows {
					_ = u.learn(r, said)
				}
			}
			u.cell.begin(u, u.full)
			u.cell.estimate(u, u.full)
			var d nut.Draft
			u.Publish(&d)
			for _, name := range d.Names() {
				if v, _ := d.Lookup(name); !wire.Clean(v.Value) || len(v.Value) > 255 {
					t.Errorf("%s: %s is %q", tab.Name, name, v.Value)
				}
			}
			for _, text := range u.alarms() {
				if !wire.Clean(text) {
					t.Errorf("%s: alarm %q", tab.Name, text)
				}
			}
		}
	})
}

// FuzzTable: whatever a user's table says, it is refused or it works.
func FuzzTable(f *testing.F) {
	for _, name := range []string{"megatec", "masterguard", "voltronic-qs-hex"} {
		data, err := files.ReadFile("tables/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, []byte(q1+"00000000\r"))
	}
	f.Fuzz(func(_ *testing.T, data, answer []byte) {
		tab, err := parse(data)
		if err != nil {
			return
		}
		u := newUnit(parrot(answer), tab, Options{})
		_ = u.Poll(context.Background())
		_ = u.Command(context.Background(), "shutdown.return", "")
		_ = u.Set(context.Background(), "ups.delay.shutdown", "5000")
	})
}

// FuzzOrder: whatever a client asks for, what is sent is one line.
func FuzzOrder(f *testing.F) {
	f.Add("test.battery.start", "600")
	f.Add("ups.delay.shutdown", "1e3")
	f.Add("output.voltage.nominal", "230")
	f.Add("device.uptime", "90061")
	all := tables(f)
	f.Fuzz(func(t *testing.T, name, value string) {
		for _, tab := range all {
			d := &device{}
			u := newUnit(d, tab, Options{})
			u.facts[delayShutdown], u.facts[delayStart] = "30", "180"
			_ = u.Command(t.Context(), name, value)
			_ = u.Set(t.Context(), name, value)
			if i := slices.IndexFunc(d.sent, func(s string) bool { return strings.ContainsAny(s, "\r\n%") || len(s) > 64 }); i >= 0 {
				t.Errorf("%s: %q is sent", tab.Name, d.sent[i])
			}
		}
	})
}
