package usbhid

import (
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/drivers/usbhid/report"
	"github.com/wattnut/wattnut/nut"
)

// desk is a device of a table without a transport: for conversions that look at
// nothing but what is known already.
func desk(t *testing.T, table string, q string, facts map[nut.Name]string) *device {
	t.Helper()
	loaded, err := load(table)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{
		table: loaded, quirks: parseQuirks(q), draft: new(nut.Draft), learnt: make(map[string]float64), owners: make(map[nut.Name]*bound),
		texts: map[int]string{4: "PbAc"}, reports: &reports{layout: new(report.Descriptor), slots: make(map[byte]*slot)},
	}
	for name, value := range facts {
		d.draft.Set(name, value)
	}
	return d
}

// say converts a number by a lookup of the device's table; "-" is what says nothing.
func (d *device) say(t *testing.T, lookup string, x float64) string {
	t.Helper()
	l := d.lookup(lookup)
	if l == nil || d.table.checkLookup(lookup) != nil {
		t.Fatalf("there is no lookup %q", lookup)
	}
	text, ok := d.text(t.Context(), &bound{row: &Row{}, lookup: l}, x)
	if !ok {
		return "-"
	}
	return text
}

// TestConvert are numbers and what they mean, worked out by hand.
func TestConvert(t *testing.T) {
	for _, tt := range []struct {
		table, quirks, lookup string
		x                     float64
		want                  string
	}{
		{"apc", "", "date", 0, "not set"},
		{"apc", "", "date", 41<<9 | 9<<5 | 14, "2021/09/14"},
		{"apc", "", "date", -1 << 9, "1979/00/00"},
		{"apc", "", "apc-date", 0x091421, "2021/09/14"},
		{"apc", "", "apc-date", 0x123199, "1999/12/31"},
		{"apc", "", "apc-date", 0, "not set"},
		{"apc", "", "hex", 0xbeef, "0000beef"},
		{"apc", "", "kelvin-celsius", 295.15, "22.0"},
		{"apc", "", "kelvin-celsius", 22, "22.0"},
		{"apc", "", "kelvin-celsius", 272, "272.0"},
		{"apc", "", "divide-by-10", 1234, "123.4"},
		{"apc", "", "divide-by-100", 1234, "12.3"},
		{"apc", "", "stringid", 4, "PbAc"},
		{"apc", "", "stringid", 0, "-"},
		{"apc", "", "apcstatusflag", 16, "!off"},
		{"apc", "", "apcstatusflag", 99, "-"},
		{"apc", "", "apc-linefailcause-vrange", 9, "vrange"},
		{"tripplite", "", "tripplite-chemistry", 4, "PbAc"},
		{"tripplite", "no-chemistry", "tripplite-chemistry", 4, "unknown"},
		{"tripplite", "battvolt=0.1", "tripplite-battvolt", 273, "27.3"},
		{"tripplite", "", "tripplite-battvolt", 27.3, "27.3"},
		{"tripplite", "iovolt=100000", "tripplite-iovolt", 0.0012, "120.0"},
		{"tripplite", "iofreq=0.01", "tripplite-iofreq", 6000, "60.0"},
		{"openups", "vin=3.545", "openups-vin", 10, "35.45"},
		{"openups", "ccharge=0.08274", "openups-ccharge", 10, "0.827"},
		{"openups", "", "openups-temperature", 4.15, "15"},
		{"openups", "", "openups-temperature", 5.35, "27.45"},
		{"openups", "", "openups-temperature", 0, "-40"},
		{"openups", "", "openups-temperature", 99, "125"},
		{"openups", "", "openups-charging", 7, "chrg"},
		{"openups", "", "openups-charging", 0, "!chrg"},
		{"belkin", "", "belkin-firmware", 0x1234, "291"},
		{"belkin", "", "belkin-upstype", 0xf2, "line-interactive"},
		{"belkin", "", "belkin-upstype", 9, "online"},
		{"belkin", "", "belkin-overload", 0x10, "overload"},
		{"belkin", "", "belkin-online", 1, "!online"},
		{"belkin", "", "belkin-online", 2, "online"},
		{"delta_ups", "", "delta-ups-type", 0x14, "line-interactive"},
		{"delta_ups", "", "delta-ups-type", 9, "-"},
		{"ecoflow", "", "ecoflow-runtime", 12, "720"},
		{"legrand", "", "legrand-times100k", 0.0023, "230.0"},
		{"ever", "", "ever-format-version", 0x1203, "v1.2b03"},
		{"ever", "", "ever-format-hardware", 0x0107, "rev.Av07"},
		{"ever", "", "ever-format-hardware", 7, "rev.0v07"},
		{"powercom", "", "powercom-startup", 0x0200, "120"},
		{"powercom", "", "powercom-shutdown", 0x0114, "80"},
		{"powercom", "", "powercom-stayoff", 1, "-"},
		{"powercom", "", "powercom-trim", 0x08, "trim"},
		{"powercom", "", "powercom-trim", 0x18, "!trim"},
		{"powercom", "", "powercom-boost", 0x18, "boost"},
		{"powercom", "", "powercom-voltage", 57, "228"},
		{"cps", "", "cps-battcharge", 104, "100"},
		{"cps", "", "cps-battstatus", 100, "100%"},
		{"mge", "", "mge-powerfactor", 95, "0.95"},
		{"mge", "", "mge-battery-capacity", 32400, "9.00"},
		{"mge", "", "mge-onbatt", 1, "!online"},
		{"mge", "", "mge-wiring-fault", 1, "Wiring fault!"},
		{"mge", "", "mge-wiring-fault", 0, "-"},
	} {
		if got := desk(t, tt.table, tt.quirks, nil).say(t, tt.lookup, tt.x); got != tt.want {
			t.Errorf("%s %s: %s of %g is %q, want %q", tt.table, tt.quirks, tt.lookup, tt.x, got, tt.want)
		}
	}
}

// TestReverse are texts that a client sets, and the numbers for them.
func TestReverse(t *testing.T) {
	facts := map[nut.Name]string{"ups.delay.start": "180", "ups.delay.shutdown": "95"}
	for _, tt := range []struct {
		table  string
		config Config
		lookup string
		text   string
		want   float64
		ok     bool
	}{
		{"apc", Config{}, "date", "2021/09/14", 41<<9 | 9<<5 | 14, true},
		{"apc", Config{}, "date", "2021-09-14", 41<<9 | 9<<5 | 14, true},
		{"apc", Config{}, "date", "1979/01/01", 0, false},
		{"apc", Config{}, "date", "soon", 0, false},
		{"apc", Config{}, "apc-date", "2021/09/14", 0x091421, true},
		{"apc", Config{}, "apc-date", "2070/09/14", 0, false},
		{"apc", Config{}, "apc-sensitivity", "high", 2, true},
		{"apc", Config{}, "apc-sensitivity", "HIGH", 2, true},
		{"apc", Config{}, "apc-sensitivity", "extreme", 0, false},
		{"apc", Config{}, "divide-by-10", "12.5", 125, true},
		{"powercom", Config{}, "powercom-startup", "", 0x0300, true},
		{"powercom", Config{}, "powercom-startup", "120", 0x0200, true},
		{"powercom", Config{PowercomDiscrete: true}, "powercom-startup", "120", 2, true},
		{"powercom", Config{}, "powercom-shutdown", "", 1<<8 | 35 | 0x40, true},
		{"powercom", Config{}, "powercom-shutdown", "0", 1 | 0x40, true},
		{"powercom", Config{}, "powercom-stayoff", "60", 1<<8 | 0x80, true},
		{"powercom", Config{PowercomSwap: true}, "powercom-shutdown", "60", 0x4001, true},
		{"powercom", Config{PowercomDiscrete: true}, "powercom-shutdown", "13", 2, true},
		{"powercom", Config{PowercomDiscrete: true}, "powercom-shutdown", "12", 1, true},
		{"powercom", Config{PowercomDiscrete: true}, "powercom-shutdown", "5000", 18, true},
		{"powercom", Config{PowercomDiscrete: true}, "powercom-stayoff", "12", 0x81, true},
		{"mge", Config{}, "yes-no", "yes", 1, true},
		{"mge", Config{}, "eaton-input-eco-mode-on-off", "ESS", 2, true},
		{"mge", Config{}, "eaton-input-eco-mode-on-off", "vendor:mge-hid:ECO", 1, true},
		{"mge", Config{}, "eaton-input-eco-mode-on-off", "LOW", -1, false},
		{"mge", Config{}, "pegasus-yes-no", "yes", 0, true}, // not of that family
	} {
		d := desk(t, tt.table, "", facts)
		d.config = tt.config
		got, ok := d.value(d.lookup(tt.lookup), tt.text)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: %s of %q is %g %v, want %g %v", tt.table, tt.lookup, tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

// TestLearnt are scales that are known only from values.
func TestLearnt(t *testing.T) {
	d := desk(t, "cps", "cps-scale", map[nut.Name]string{"battery.voltage.nominal": "24"})
	for _, tt := range []struct {
		x    float64
		want string
	}{{40.9, "27.3"}, {30, "20.0"}} {
		if got := d.say(t, "cps-battvolt", tt.x); got != tt.want {
			t.Errorf("battery voltage %g is %s, want %s", tt.x, got, tt.want)
		}
	}
	right := desk(t, "cps", "cps-scale", map[nut.Name]string{"battery.voltage.nominal": "24"})
	for _, want := range []string{"27.3", "40.9"} { // once it is right it stays
		x := map[string]float64{"27.3": 27.3, "40.9": 40.9}[want]
		if got := right.say(t, "cps-battvolt", x); got != want {
			t.Errorf("battery voltage %g is %s", x, got)
		}
	}
	for x, want := range map[float64]string{499: "49.9", 50: "50.0", 60.1: "60.1", 601: "60.1", 900: "900.0"} {
		if got := desk(t, "cps", "cps-scale", nil).say(t, "cps-input-freq", x); got != want {
			t.Errorf("frequency %g is %s, want %s", x, got, want)
		}
		if got := desk(t, "cps", "", nil).say(t, "cps-output-freq", 499); got != "499.0" {
			t.Errorf("without the quirk it is %s", got)
		}
	}
	if got := desk(t, "cps", "cps-scale", map[nut.Name]string{"input.frequency.low": "40", "input.frequency.high": "70", "input.frequency.nominal": "50"}).say(t, "cps-input-freq", 420); got != "42.0" {
		t.Errorf("within wide limits it is %s", got)
	}
	l := desk(t, "belkin", "", nil)
	for _, tt := range []struct {
		lookup string
		x      float64
		want   string
	}{
		{"liebert-line-voltage", 120, "120.0"},
		{"liebert-config-voltage", 1e-7, "10.0"},
		{"liebert-config-voltage", 1.2e-6, "120.0"},
		{"liebert-line-voltage", 1.2e-5, "120.0"},
		{"liebert-line-voltage", 2.3e-3, "230.0"},
	} {
		if got := l.say(t, tt.lookup, tt.x); got != tt.want {
			t.Errorf("%s of %g is %s, want %s", tt.lookup, tt.x, got, tt.want)
		}
	}
}

// TestABM: which code set a charger speaks is known from what else it has.
func TestABM(t *testing.T) {
	d := desk(t, "mge", "", map[nut.Name]string{"battery.charge": "90"})
	steps := []struct {
		lookup string
		x      float64
		want   string
	}{
		{"eaton-charging", 1, "chrg"},
		{"eaton-discharging", 1, "dischrg"},
		{"eaton-abm-status", 1, "-"},
		{"eaton-abm-enabled", 1, "-"},
		{"eaton-charging", 1, "!chrg"},
		{"eaton-discharging", 1, "!dischrg"},
		{"eaton-abm-status", 2, "discharging"}, // Mode, while nothing was chosen
		{"eaton-abm-path-status", 2, "-"},
		{"eaton-abm-status", 2, "floating"},
		{"eaton-abm-path-mode", 2, "-"}, // too late
		{"eaton-abm-status", 4, "discharging"},
		{"eaton-abm-status", 9, "-"},
		{"eaton-abm-chrg-dischrg", 1, "chrg"},
		{"eaton-abm-chrg-dischrg", 2, "chrg"},
		{"eaton-abm-chrg-dischrg", 3, "-"},
		{"eaton-abm-chrg-dischrg", 4, "dischrg"},
		{"eaton-abm-enabled", 0, "-"},
		{"eaton-abm-path-mode", 2, "-"},
		{"eaton-abm-chrg-dischrg", 1, "-"},
		{"eaton-abm-enabled", 1, "-"},
		{"eaton-abm-path-mode", 2, "-"},
		{"eaton-abm-status", 3, "floating"},
	}
	for i, s := range steps {
		if got := d.say(t, s.lookup, s.x); got != s.want {
			t.Errorf("step %d: %s of %g is %q, want %q", i, s.lookup, s.x, got, s.want)
		}
	}
	d.draft.Set("battery.charge", "100")
	d.eaton.abm = false
	if got := d.say(t, "eaton-charging", 1); got != "!chrg" {
		t.Errorf("a full battery is %s", got)
	}
}

// TestFamilies: what some rows of Eaton's table mean depends on the model.
func TestFamilies(t *testing.T) {
	for _, tt := range []struct {
		family  string
		country float64
		lookup  string
		x       float64
		want    string
	}{
		{"eaton-5p", 0, "mge-battery-voltage", 27.3, "27.3"},
		{"mge-default", 0, "mge-battery-voltage", 27.3, "-"},
		{"mge-evolution-650", 0, "mge-battery-voltage-nominal", 24, "12"},
		{"mge-evolution-850", 0, "mge-battery-voltage-nominal", 24, "24"},
		{"", 0, "mge-battery-voltage-nominal", 24, "-"},
		{"mge-pegasus", 0, "pegasus-threshold", 25, "25"},
		{"mge-3s", 0, "pegasus-threshold", 25, "-"},
		{"mge-3s", 1, "pegasus-threshold", 25, "25"},
		{"mge-pegasus", 0, "pegasus-yes-no", 1, "yes"},
		{"mge-default", 0, "pegasus-yes-no", 1, "-"},
	} {
		d := desk(t, "mge", "", nil)
		d.eaton.family = tt.family
		d.say(t, "eaton-check-country", tt.country)
		if got := d.say(t, tt.lookup, tt.x); got != tt.want {
			t.Errorf("%q: %s of %g is %q, want %q", tt.family, tt.lookup, tt.x, got, tt.want)
		}
	}
	for family, want := range map[string]map[int64]int{
		"mge-default-offline": {120: 4, 208: 2, 230: 3, 400: 0}, "mge-default": {127: 4, 200: 5, 240: 5},
	} {
		for volts, n := range want {
			d := desk(t, "mge", "", nil)
			d.eaton.family = family
			if got := d.nominalVoltages(volts); len(got) != n {
				t.Errorf("%s at %d V can be set to %v", family, volts, got)
			}
		}
	}
}

// TestEatonModes are modes that count only while the bypass is good enough.
func TestEatonModes(t *testing.T) {
	good := map[nut.Name]string{
		"input.bypass.voltage": "231", "input.bypass.frequency": "50.0", "output.voltage.nominal": "230", "output.frequency.nominal": "50",
	}
	poor := map[nut.Name]string{
		"input.bypass.voltage": "200", "input.bypass.frequency": "50.0", "output.voltage.nominal": "230", "output.frequency.nominal": "50",
	}
	for _, tt := range []struct {
		facts  map[nut.Name]string
		lookup string
		x      float64
		want   string
	}{
		{good, "eaton-input-eco-mode-on-off", 1, "ECO"},
		{poor, "eaton-input-eco-mode-on-off", 1, "normal"},
		{poor, "eaton-input-eco-mode-on-off", 2, "ESS"},
		{good, "eaton-input-eco-mode-on-off", 0, "normal"},
		{good, "eaton-input-bypass-mode-on", 1, "on"},
		{poor, "eaton-input-bypass-mode-on", 1, "on"}, // 20 % below is good enough
		{nil, "eaton-input-bypass-mode-on", 0, "disabled"},
	} {
		if got := desk(t, "mge", "", tt.facts).say(t, tt.lookup, tt.x); got != tt.want {
			t.Errorf("%s of %g is %q, want %q", tt.lookup, tt.x, got, tt.want)
		}
	}
	d := desk(t, "mge", "", map[nut.Name]string{"ups.load": "33", "ups.power.nominal": "1500"})
	if got := d.say(t, "eaton-compute-realpower", 0); got != "396" {
		t.Errorf("a third of 1500 VA is %s W", got)
	}
	d.draft.Set("output.powerfactor", "0.90")
	if got := d.say(t, "eaton-compute-realpower", 0); got != "446" {
		t.Errorf("with its power factor it is %s W", got)
	}
	if got := desk(t, "mge", "", nil).say(t, "eaton-compute-realpower", 0); got != "-" {
		t.Errorf("of nothing it is %s W", got)
	}
	if got := d.say(t, "eaton-converter-online", 0); got != "!online" {
		t.Errorf("the converter is %s", got)
	}
	d.bits.apply("off")
	if got := d.say(t, "eaton-converter-online", 1); got != "-" {
		t.Errorf("the converter of a device that is off is %s", got)
	}
}

// TestClock is the date and the time of a device, set apart.
func TestClock(t *testing.T) {
	at := time.Date(2026, 11, 28, 13, 14, 15, 0, time.Local)
	d := desk(t, "mge", "", map[nut.Name]string{"ups.date": "2026/11/28", "ups.time": "13:14:15"})
	if day, clock := d.say(t, "mge-date", float64(at.Unix())), d.say(t, "mge-time", float64(at.Unix())); day != "2026/11/28" || clock != "13:14:15" {
		t.Errorf("%s %s", day, clock)
	}
	for lookup, text := range map[string]string{"mge-date": "2026/11/27", "mge-time": "12:14:15"} {
		got, ok := d.value(d.lookup(lookup), text)
		want := float64(at.Add(-time.Hour).Unix())
		if lookup == "mge-date" {
			want = float64(at.AddDate(0, 0, -1).Unix())
		}
		if got != want || !ok {
			t.Errorf("%s %s is %g, want %g", lookup, text, got, want)
		}
	}
	if _, ok := d.value(d.lookup("mge-time"), "soon"); ok {
		t.Error("a time that is none is taken")
	}
}

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		x      float64
		digits int
		want   string
	}{{-0.04, 1, "0.0"}, {-0.06, 1, "-0.1"}, {0.5, 0, "0"}, {99.6, 0, "100"}, {0, 2, "0.00"}, {-1, 0, "-1"}} {
		if got := number(tt.x, tt.digits); got != tt.want {
			t.Errorf("%g with %d digits is %q, want %q", tt.x, tt.digits, got, tt.want)
		}
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{" a\x00b\n": "ab", "Wärme": "Wrme", "": ""} {
		if got := clean(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := clean(string(make([]byte, 10)) + string(rune('x'))); got != "x" {
		t.Errorf("%q", got)
	}
}

// TestMend mends what devices declare wrongly, and nothing else.
func TestMend(t *testing.T) {
	voltage := func(id uint8, u report.Usage, most int64, assumed bool) report.Field {
		return report.Field{Kind: report.Feature, ID: id, Bits: 16, LogMax: most, Assumed: assumed, Path: report.Path{0x840004, u}}
	}
	for _, tt := range []struct {
		table  string
		fields []report.Field
		want   []int64
	}{
		{"apc", []report.Field{voltage(0x33, usageHighTransfer, 300, false), voltage(0x31, usageVoltage, 200, false), voltage(0x30, usageConfigVoltage, 100, false)}, []int64{300, 600, 255}},
		{"apc", []report.Field{voltage(0x33, usageHighTransfer, 200, false), voltage(0x31, usageVoltage, 255, false)}, []int64{200, 255}},
		{"apc", []report.Field{voltage(0x31, usageVoltage, 255, false)}, []int64{255}},
		{"cps", []report.Field{voltage(0x10, usageHighTransfer, 255, false), voltage(0x12, usageVoltage, 255, false), voltage(0x0f, usageVoltage, 255, false)}, []int64{255, 511, 511}},
		{"cps", []report.Field{voltage(0x10, usageHighTransfer, 255, false), voltage(0x12, usageVoltage, 300, false), voltage(0x0f, usageVoltage, 255, false)}, []int64{255, 300, 255}},
		{"cps", []report.Field{voltage(0x12, usageVoltage, 255, true), voltage(0x0f, usageVoltage, 600, false)}, []int64{600, 600}},
		{"cps", []report.Field{voltage(0x18, usageConfigActivePower, 900, false)}, []int64{2048}},
		{"idowell", []report.Field{voltage(2, usageVoltage, 5, true), voltage(2, usageRunTimeToEmpty, 5, true)}, []int64{65535, 0x75ffffff}},
		{"idowell", []report.Field{voltage(2, usageVoltage, 5, false)}, []int64{5}},
		{"mge", []report.Field{voltage(2, usageVoltage, 5, true)}, []int64{5}},
	} {
		d := &report.Descriptor{Fields: tt.fields}
		mend(d, &candidate{info: usbdev.Info{}, table: &Table{Name: tt.table}, quirks: quirks{"fix": ""}})
		for i, want := range tt.want {
			if got := d.Fields[i].LogMax; got != want {
				t.Errorf("%s: field %d reaches to %d, want %d", tt.table, i, got, want)
			}
		}
	}
	d := &report.Descriptor{Fields: []report.Field{voltage(0x18, usageConfigActivePower, 900, false)}}
	mend(d, &candidate{table: &Table{Name: "cps"}})
	if d.Fields[0].LogMax != 900 {
		t.Error("a device that is not known for it is mended")
	}
}
