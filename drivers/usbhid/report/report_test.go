package report

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden trees anew")

// bytesOf reads a descriptor in hexadecimal; what is behind a # is a comment.
func bytesOf(tb testing.TB, text string) []byte {
	tb.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func parse(t *testing.T, text string) *Descriptor {
	t.Helper()
	d, err := Parse(bytesOf(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// tree writes what was read, a line for each field.
func tree(d *Descriptor) string {
	var b strings.Builder
	for _, f := range d.Fields {
		fmt.Fprintf(&b, "%s %s report %d at %d+%d flags %#x, %d..%d", f.Kind, f.Path, f.ID, f.Offset, f.Bits, f.Flags, f.LogMin, f.LogMax)
		if f.PhyMin != 0 || f.PhyMax != 0 {
			fmt.Fprintf(&b, " is %d..%d", f.PhyMin, f.PhyMax)
		}
		fmt.Fprintf(&b, " %s e%d", f.UnitName(), f.Exponent)
		if f.Assumed {
			b.WriteString(" assumed")
		}
		b.WriteByte('\n')
	}
	for id := range 256 {
		for _, k := range []Kind{Input, Output, Feature} {
			if n := d.Length(k, uint8(id)); n > 0 {
				fmt.Fprintf(&b, "%s report %d: %d bytes\n", k, id, n)
			}
		}
	}
	return b.String()
}

// TestGolden reads the descriptors of testdata, which were written by hand after
// what devices declare.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d descriptors: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := tree(parse(t, string(text)))
		golden := strings.TrimSuffix(file, ".hex") + ".tree"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is read as\n%s, want\n%s", file, got, want)
		}
	}
}

// The frames of small descriptors: a UPS on page 0x84, and the end of it.
const (
	begin = "0584 0904 a101 "
	end   = " c0"
)

// TestValues are bits and the quantities that they stand for, worked out by hand.
func TestValues(t *testing.T) {
	for name, tt := range map[string]struct {
		items, report string
		want          float64
		unit          string
	}{
		"23.4 V in tenths":            {"0930 1500 26ffff 00 6721d1f000 5506 7510 9501 b102", "00ea00", 23.4, "V"},
		"120 V":                       {"0930 1500 25ff 6721d1f000 5507 7508 9501 b102", "0078", 120, "V"},
		"13.65 V in hundredths":       {"0930 1500 27ffff0000 6721d1f000 5505 7510 9501 b102", "005505", 13.65, "V"},
		"a volt is 10^7 HID units":    {"0930 1500 27ffffff7f 6721d1f000 5500 7520 9501 b102", "0080d1f008", 15, "V"},
		"900 W":                       {"0944 1500 27ffff0000 6621d1 5507 7510 9501 b102", "008403", 900, "W"},
		"2.5 A, exponent as nibble":   {"0931 1500 25ff 6701001000 550f 7508 9501 b102", "0019", 2.5, "A"},
		"2.5 A, exponent as byte":     {"0931 1500 25ff 6701001000 55ff 7508 9501 b102", "0019", 2.5, "A"},
		"295 K":                       {"0936 1500 26ff0f 6701000100 5500 7510 9501 b102", "002701", 295, "K"},
		"50.02 Hz":                    {"0932 1500 27ffff0000 6601f0 550e 7510 9501 b102", "008a13", 50.02, "Hz"},
		"minus one second":            {"0957 15ff 26ff7f 660110 5500 7510 9501 b102", "00ffff", -1, "s"},
		"a byte without a sign":       {"0935 1500 26ff00 7508 9501 b102", "00ff", 255, ""},
		"above the range":             {"0935 1500 2564 7508 9501 b102", "0078", 100, ""},
		"rubbish in the upper bits":   {"0935 1500 2564 7510 9501 b102", "00328f", 50, ""},
		"below the range":             {"0935 1505 2564 7508 9501 b102", "0001", 5, ""},
		"the range again, unsigned":   {"0930 1500 25ff 7508 9501 b102", "00c8", 200, ""},
		"a physical range":            {"0935 1500 25ff 3500 4664 00 7508 9501 b102", "0033", 20, ""},
		"a physical range of its own": {"0936 1500 2564 35d8 4664 00 7508 9501 b102", "0032", 30, ""},
		"the fourth bit":              {"0935 0936 0937 0938 1500 2501 7501 9504 b102", "0008", 0, ""},
	} {
		d := parse(t, begin+tt.items+end)
		f := &d.Fields[0]
		report := bytesOf(t, tt.report)
		got, ok := f.Value(report)
		if !ok || math.Abs(got-tt.want) > 1e-9 || f.UnitName() != tt.unit {
			t.Errorf("%s: %g %q %v, want %g %q", name, got, f.UnitName(), ok, tt.want, tt.unit)
		}
		if _, ok := f.Value(report[:len(report)-1]); ok {
			t.Errorf("%s: a report that is too short has a value", name)
		}
		raw, _ := f.Raw(report)
		if back := f.Logical(got); back != raw {
			t.Errorf("%s: %g goes back to %d, came from %d", name, got, back, raw)
		}
	}
}

// TestPacked has fields at odd offsets, in several reports and kinds.
func TestPacked(t *testing.T) {
	d := parse(t, begin+`
		8505 1500 2501 7501 9503 0935 0936 0937 b102   # three bits of feature report 5
		2507 7503 9501 0930 b102                       # three bits
		7502 b103                                      # filled up
		15f8 2507 7504 0931 b102                       # four bits with a sign
		26ff0f 1500 750c 0932 b102                     # twelve bits
		8506 26ff00 7508 0933 8102                     # input report 6`+end)
	report := []byte{5, 0b00_101_110, 0b1010_1001, 0xcd}
	for i, want := range []int64{0, 1, 1, 5, -7, 0xcda} {
		if got, ok := d.Fields[i].Raw(report); !ok || got != want {
			t.Errorf("field %d is %d, want %d", i, got, want)
		}
	}
	written := make([]byte, d.Length(Feature, 5))
	written[0] = 5
	for i := range 6 {
		raw, _ := d.Fields[i].Raw(report)
		if !d.Fields[i].PutRaw(written, raw) {
			t.Errorf("field %d does not fit", i)
		}
	}
	if !bytes.Equal(written, report) {
		t.Errorf("written %x, want %x", written, report)
	}
	if d.Fields[5].PutRaw(written[:3], 0) {
		t.Error("written into a report that is too short")
	}
	if d.Longest(Feature) != 4 || d.Longest(Input) != 2 || d.Longest(Output) != 0 {
		t.Error("the longest are wrong")
	}
	if d.Length(Input, 6) != 2 || d.Length(Input, 5) != 0 || d.Length(Output, 6) != 0 {
		t.Error("lengths are mixed up")
	}
}

// TestFind: a path finds the first field that is at it or below it, of its kind.
func TestFind(t *testing.T) {
	d := parse(t, begin+"1500 2501 7501 9501 091e a184 0930 b102 0930 8102 c0 091e a101 0931 b102 c0"+end)
	ups, flow, volts, amps := Usage(0x840004), Usage(0x84001e), Usage(0x840030), Usage(0x840031)
	for _, tt := range []struct {
		kind Kind
		path Path
		want int
	}{
		{Feature, Path{ups, flow, Index(4), volts}, 0},
		{Input, Path{ups, flow, Index(4), volts}, 1},
		{Feature, Path{ups, flow, amps}, 2},
		{Feature, Path{ups, flow}, 0},
		{Feature, Path{ups, flow, volts}, -1},
		{Output, Path{ups, flow, amps}, -1},
		{Feature, Path{ups, flow, amps, amps}, -1},
	} {
		var want *Field
		if tt.want >= 0 {
			want = &d.Fields[tt.want]
		}
		if got := d.Find(tt.kind, tt.path); got != want {
			t.Errorf("%s %s finds %v, want field %d", tt.kind, tt.path, got, tt.want)
		}
	}
	if n, ok := Index(4).Index(); n != 4 || !ok || ups.Page() != 0x84 || ups.ID() != 4 {
		t.Error("usages are taken apart wrongly")
	}
	if _, ok := ups.Index(); ok {
		t.Error("a usage is a number")
	}
}

// TestItems has what real descriptors have besides.
func TestItems(t *testing.T) {
	for name, tt := range map[string]struct{ items, want string }{
		"push and pop":        {"7508 9501 1500 2564 a4 7510 26ff7f 0930 b102 b4 0931 b102", "0+16 0..32767, 16+8 0..100"},
		"a long item":         {"fe 03 f0 010203 7508 9501 1500 2564 0930 b102", "0+8 0..100"},
		"an empty long item":  {"fe 00 f0 7508 9501 1500 2564 0930 b102", "0+8 0..100"},
		"usages in a range":   {"7508 9503 1500 2564 1930 2931 b102", "0+8 0..100, 8+8 0..100, 16+8 0..100"},
		"a usage with page":   {"7508 9501 1500 2564 0b66008500 b102", "0+8 0..100"},
		"constant with usage": {"7508 9501 1500 2564 0930 b103", "0+8 0..100"},
		"no end":              {"7508 9501 1500 2564 0930 b102 091e a100", "0+8 0..100"},
		"a range upside down": {"7504 9501 1505 2503 0930 b102", "0+4 0..15"},
		"an unknown item":     {"7508 9501 1500 2564 0930 b102 7f00010000 9501 0931 b102", "0+8 0..100, 8+8 0..100"},
		"strings, delimiters": {"7508 9501 1500 2564 7901 a901 0930 b102", "0+8 0..100"},
	} {
		d := parse(t, begin+tt.items)
		var got []string
		for _, f := range d.Fields {
			got = append(got, fmt.Sprintf("%d+%d %d..%d", f.Offset, f.Bits, f.LogMin, f.LogMax))
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
}

func TestBroken(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":               "",
		"ends in an item":       "26ff",
		"ends in a long item":   "fe10 f0 00",
		"ends in its head":      "fe10",
		"report id 0":           begin + "8500",
		"report id 256":         begin + "860001",
		"closes too often":      begin + "7508 9501 0930 b102 c0 c0",
		"pops too often":        "b4",
		"pushes too often":      strings.Repeat("a4", 17),
		"too deep":              strings.Repeat("a100", 33),
		"a range without begin": "0584 2931",
		"a range upside down":   "0584 1931 2930",
		"a range too long":      "0584 1900 2aff7f",
		"too many usages":       strings.Repeat("0930", 1025),
		"a report too long":     begin + "7508 96ffff 0930 b102",
		"sizes that overflow":   begin + "77ffffffff 97ffffffff 0930 b102",
		"too many fields":       begin + strings.Repeat("7501 961710 0930 b102", 2),
		"too long":              strings.Repeat("0930 b102", 5000),
	} {
		if d, err := Parse(bytesOf(t, text)); !errors.Is(err, ErrDescriptor) || d != nil {
			t.Errorf("%s brings %v, %v", name, d, err)
		}
	}
}

// TestLogical takes quantities to the edges of the range.
func TestLogical(t *testing.T) {
	f := Field{Bits: 8, LogMin: 0, LogMax: 100}
	for x, want := range map[float64]int64{-5: 0, 50.4: 50, 1e300: 100, math.Inf(-1): 0, math.NaN(): 0} {
		if got := f.Logical(x); got != want {
			t.Errorf("%g is %d, want %d", x, got, want)
		}
	}
}

// FuzzParse: whatever a device declares is bounded, and each field can be read from
// and written to a report of the declared length.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.hex")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytesOf(f, string(text)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Parse(b)
		if err != nil {
			return
		}
		if len(d.Fields) > maxFields {
			t.Fatalf("%d fields", len(d.Fields))
		}
		for i := range d.Fields {
			field := &d.Fields[i]
			n := d.Length(field.Kind, field.ID)
			if n > 1+maxReportBits/8 || field.LogMin > field.LogMax {
				t.Fatalf("report of %d bytes, range %d..%d", n, field.LogMin, field.LogMax)
			}
			report := bytes.Repeat([]byte{0xa5}, n)
			raw, ok := field.Raw(report)
			if !ok || raw < field.LogMin || raw > field.LogMax {
				t.Fatalf("%s: %d, %v", field.Path, raw, ok)
			}
			if x := field.Physical(raw); math.IsNaN(x) {
				t.Fatalf("%s: not a number", field.Path)
			}
			if !field.PutRaw(report, raw) {
				t.Fatalf("%s does not fit into its report", field.Path)
			}
			if again, _ := field.Raw(report); again != raw {
				t.Fatalf("%s: %d was written, %d is read", field.Path, raw, again)
			}
			if back := field.Logical(field.Physical(raw)); back < field.LogMin || back > field.LogMax {
				t.Fatalf("%s: %d goes back to %d", field.Path, raw, back)
			}
		}
	})
}

// TestString names what people read.
func TestString(t *testing.T) {
	for k, want := range map[Kind]string{Input: "Input", Output: "Output", Feature: "Feature", 9: "Kind(9)"} {
		if k.String() != want {
			t.Errorf("kind %d is %s", k, k)
		}
	}
}
