package snmp

import (
	"strings"
	"testing"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut/wire"
)

func integer(n int64) transport.Value { return transport.Value{Kind: transport.Integer, Number: n} }

func octets(s string) transport.Value { return transport.Value{Kind: transport.Octets, Text: s} }

func ticks(n int64) transport.Value { return transport.Value{Kind: transport.Ticks, Number: n} }

func object(s string) transport.Value { return transport.Value{Kind: transport.Object, Text: s} }

func TestRender(t *testing.T) {
	words := map[int64]string{1: "one", 2: ""}
	for _, tt := range []struct {
		row    row
		value  transport.Value
		lookup map[int64]string
		unit   int64
		want   string
		ok     bool
	}{
		{row{}, integer(42), nil, -1, "42", true},
		{row{}, integer(-42), nil, -1, "-42", true},
		{row{Scale: 0.1}, integer(2305), nil, -1, "230.50", true},
		{row{Scale: 0.1}, integer(2300), nil, -1, "230", true},
		{row{Scale: 0.1}, integer(-3), nil, -1, "-0.30", true},
		{row{Scale: 60}, integer(5), nil, -1, "300", true},
		{row{}, transport.Value{}, nil, -1, "", false},
		{row{Invalid: invalidNegative}, integer(-1), nil, -1, "", false},
		{row{Invalid: invalidNegative}, integer(0), nil, -1, "0", true},
		{row{Invalid: invalidZero}, integer(0), nil, -1, "", false},
		{row{}, octets("0764"), nil, -1, "500", true}, // octal, as strtol has it
		{row{}, octets("0x1f"), nil, -1, "31", true},
		{row{}, octets(" 12.5\x00"), nil, -1, "12.50", true},
		{row{}, octets("NaN"), nil, -1, "", false},
		{row{}, octets("1e999"), nil, -1, "", false},
		{row{}, octets("many"), nil, -1, "", false},
		{row{}, ticks(12345), nil, -1, "123", true},
		{row{}, object("1.3.6.7"), nil, -1, "7", true},
		{row{}, object("x"), nil, -1, "", false},
		{row{}, integer(1), words, -1, "one", true},
		{row{}, integer(2), words, -1, "", false},
		{row{}, integer(3), words, -1, "3", true},
		{row{Text: 9}, integer(1), words, -1, "one", true},
		{row{Text: 9}, integer(3), words, -1, "", false},
		{row{Text: 9}, object("1.3.6.1"), words, -1, "one", true},
		{row{Text: 9}, object("1.3.6.9"), words, -1, "9", false},
		{row{Text: 9}, object("1.3.6.9"), nil, -1, "9", true},
		{row{Text: 9}, integer(7), nil, -1, "7", true},
		{row{Text: 9, Invalid: invalidNegative}, integer(-7), nil, -1, "-7", false},
		{row{Text: 9}, ticks(700), nil, -1, "7", true},
		{row{Text: 9}, octets("Smart-UPS  "), nil, -1, "Smart-UPS", true},
		{row{Text: 9}, octets("a\r\nb"), nil, -1, "a  b", true},
		{row{Text: 9}, octets("Wärme"), nil, -1, "W?rme", true},
		{row{Text: 9}, octets("\x00\x20\x85\xff"), nil, -1, "00 20 85 FF", true},
		{row{Text: 9}, octets(""), nil, -1, "", true},
		{row{Text: 9, Invalid: invalidNA}, octets("N/A"), nil, -1, "N/A", false},
		{row{Name: "ambient.temperature", Scale: 0.1}, integer(215), nil, -1, "21.5", true},
		{row{Name: "ambient.temperature"}, integer(21), nil, -1, "21.0", true},
		{row{Convert: "count-list"}, octets("0, 1,,2"), nil, -1, "3", true},
		{row{Convert: "count-list"}, octets(""), nil, -1, "0", true},
		{row{Convert: "us-date"}, octets("06/21/2014"), nil, -1, "2014-06-21", true},
		{row{Convert: "us-date"}, octets("21.6.2014"), nil, -1, "21.6.2014", true},
		{row{Convert: "us-date"}, octets(""), nil, -1, "", false},
		{row{Convert: "temperature"}, integer(2951), nil, 0, "22.0", true},
		{row{Convert: "temperature"}, integer(215), nil, 1, "21.5", true},
		{row{Convert: "temperature"}, integer(707), nil, 2, "21.5", true},
		{row{Convert: "temperature"}, integer(707), nil, -1, "", false},
		{row{Convert: "temperature-unit"}, integer(0), nil, -1, "celsius", true},
		{row{Convert: "apc-temperature"}, integer(21), nil, 1, "21.0", true},
		{row{Convert: "apc-temperature"}, integer(70), nil, 2, "21.1", true},
	} {
		if got, ok := tt.row.render(tt.value, tt.lookup, tt.unit); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%+v of %+v is %q, %v; want %q, %v", tt.row, tt.value, got, ok, tt.want, tt.ok)
		}
	}
}

func TestEncode(t *testing.T) {
	words := map[int64]string{0: "off", 1: "on"}
	for _, tt := range []struct {
		row    row
		value  string
		kind   transport.Kind
		lookup map[int64]string
		want   transport.Value
		ok     bool
	}{
		{row{}, "230", transport.Integer, nil, integer(230), true},
		{row{Scale: 0.1}, "230.5", transport.Integer, nil, integer(2305), true},
		{row{Scale: 0.001}, "1.145", transport.Integer, nil, integer(1145), true},
		{row{Scale: 0.1, Text: 3}, "230", transport.Octets, nil, octets("230"), true},
		{row{Text: 3}, "230", transport.Integer, nil, integer(230), true},
		{row{}, "60", transport.Ticks, nil, ticks(6000), true},
		{row{}, "-1", transport.Ticks, nil, ticks(0), false},
		{row{}, "-1", transport.Integer, nil, integer(-1), true},
		{row{}, "-1", transport.Unsigned, nil, integer(0), false},
		{row{}, "many", transport.Integer, nil, integer(0), false},
		{row{Scale: 2}, "many", transport.Integer, nil, integer(0), false},
		{row{}, "99999999999", transport.Integer, nil, integer(0), false},
		{row{}, "NaN", transport.Integer, nil, integer(0), false},
		{row{}, "on", transport.Integer, words, transport.Value{Kind: transport.Integer, Number: 1, Text: "1"}, true},
		{row{}, "maybe", transport.Integer, words, integer(0), false},
		{row{}, "on", transport.Octets, words, transport.Value{Kind: transport.Octets, Number: 1, Text: "1"}, true},
		{row{}, "1.3.6", transport.Object, nil, object("1.3.6"), true},
		{row{}, "0", transport.Object, nil, object(""), false},
	} {
		if got, ok := tt.row.encode(tt.value, tt.kind, tt.lookup); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%+v: %q is %+v, %v; want %+v, %v", tt.row, tt.value, got, ok, tt.want, tt.ok)
		}
	}
}

// FuzzRender: whatever an agent says, the protocol can carry what is made of it.
func FuzzRender(f *testing.F) {
	f.Add(uint8(transport.Octets), int64(0), "Smart-UPS", "us-date", 0.1, 10)
	f.Add(uint8(transport.Object), int64(3), "1.3.6.1", "", 1.0, 0)
	f.Add(uint8(transport.Integer), int64(-1), "\xff", "temperature", 0.001, 0)
	f.Fuzz(func(t *testing.T, kind uint8, n int64, text, convert string, scale float64, length int) {
		v := transport.Value{Kind: transport.Kind(kind % 7), Number: n, Text: text}
		r := row{Name: "x", Text: length & 0xff, Scale: scale, Convert: convert}
		if converters[convert] == nil {
			r.Convert = ""
		}
		got, ok := r.render(v, nil, n%4)
		if ok && (!wire.Clean(got) || len(got) > maxText && r.Convert == "" && r.Text > 0) {
			t.Errorf("%+v of %+v is %q", r, v, got)
		}
		if back, ok := r.encode(got, v.Kind, nil); ok && back.Kind != v.Kind {
			t.Errorf("%+v comes back as %+v", v, back)
		}
	})
}

// FuzzDecode: whatever is in a user's table, it is a table or an error.
func FuzzDecode(f *testing.F) {
	f.Add("mibs: [{name: x, sysoid: 1.3.6}]\nvariables:\n- {name: ups.model, oid: 1.3.6.1, text: 10}\n")
	f.Add("lookups: {a: {1: b}}\ncommands: [{name: x, oid: 1.%n, each: outlet}]")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "&")+strings.Count(text, "*") > 100 {
			return // the decoder has a bound of its own for these, far away
		}
		table, err := decode([]byte(text))
		if err != nil {
			return
		}
		p := &transport.Playback{Recording: &transport.Recording{}}
		if _, err := makePlan(t.Context(), newNotes(p), table); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
