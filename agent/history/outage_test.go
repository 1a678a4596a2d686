package history

import (
	"slices"
	"strings"
	"testing"
)

func TestCauseOf(t *testing.T) {
	for text, want := range map[string]Cause{
		"OB": Unknown,
		"OB, input.transfer.reason=No transfers since turnon":                                     Unknown,
		"OB, input.transfer.reason=unacceptable line voltage rate of change":                      Disturbance,
		"OB, input.transfer.reason=detection of low line voltage":                                 VoltageLow,
		"OB, input.transfer.reason=high utility voltage":                                          VoltageHigh,
		"OB, input.transfer.reason=line voltage notch or spike":                                   Disturbance,
		"OB, input.transfer.reason=software command or self-test":                                 SelfTest,
		"OB, input.transfer.reason=Remote command":                                                Command,
		"OB, input.transfer.reason=input voltage out of range":                                    Unknown,
		"OB, input.transfer.reason=input frequency out of range":                                  Frequency,
		"OB, input.transfer.reason=" + strings.Repeat("é", 5000):                                  Unknown,
		"OB CAL, input.transfer.reason=low":                                                       Calibration,
		"OB TEST":                                                                                 SelfTest,
		"OB, ups.test.result=In progress":                                                         SelfTest,
		"OB, input.voltage=0":                                                                     VoltageLow,
		"OB, input.voltage=180":                                                                   Unknown,
		"OB, input.voltage=180, input.transfer.low=190":                                           VoltageLow,
		"OB, input.voltage=270, input.transfer.high=260":                                          VoltageHigh,
		"OB, input.voltage=230, input.transfer.low=190, input.transfer.high=260":                  Unknown,
		"OB, input.transfer.reason=high line voltage, input.voltage=180, input.transfer.low=190":  VoltageHigh,
		"OB, input.transfer.reason=input voltage out of range, input.voltage=0":                   VoltageLow,
		"OB, input.transfer.reason=unacceptable utility voltage rate of change, input.voltage=0 ": Disturbance,
	} {
		if got := causeOf(said(text)); got != want {
			t.Errorf("%s: %s, want %s", clip(text), got, want)
		}
	}
	for _, row := range spoken {
		if !slices.Contains(Causes(), row.cause) || strings.ToLower(row.word) != row.word {
			t.Errorf("row %q: %s", row.word, row.cause)
		}
	}
}

func TestClip(t *testing.T) {
	for _, s := range []string{strings.Repeat("é", 5000), strings.Repeat("a\xff", 500), "short"} {
		if got := clip(s); len(got) > maxWords || strings.ToValidUTF8(got, "") != got || got == "" {
			t.Errorf("%d bytes: %q", len(got), got)
		}
	}
}

func TestPower(t *testing.T) {
	for text, want := range map[string]struct {
		watts    float64
		measured bool
	}{
		"":                                       {0, false},
		"ups.realpower=120":                      {120, true},
		"ups.realpower=0, ups.load=50":           {0, true},
		"ups.realpower=-5":                       {0, false},
		"ups.realpower=1e30":                     {0, false},
		"ups.load=50":                            {0, false},
		"ups.load=50, ups.realpower.nominal=400": {200, false},
		"ups.load=50, ups.power.nominal=1000":    {0, false},
		"ups.load=50, ups.power.nominal=1000, output.powerfactor=0.8": {400, false},
		"ups.load=10000000, ups.realpower.nominal=10000000":           {maxWatts, false},
	} {
		if watts, measured := power(said(text)); watts != want.watts || measured != want.measured {
			t.Errorf("%q: %g, %t", text, watts, measured)
		}
	}
}
