package usbhid

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

// stateOf makes bits of words.
func stateOf(words string) bits {
	var b bits
	for w := range strings.FieldsSeq(words) {
		b.apply(w)
	}
	return b
}

func TestStatusWords(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for _, tt := range []struct {
		state  string
		charge float64
		how    synthesis
		want   string
	}{
		{"online", 100, synthesis{}, "OL"},
		{"offline", 90, synthesis{}, "OB"},
		{"dischrg", 90, synthesis{}, "OB DISCHRG"},
		{"offline dischrg lowbatt", 9, synthesis{}, "OB DISCHRG LB"},
		{"offline dischrg depleted", 0, synthesis{}, "OB"},
		{"online chrg", 80, synthesis{}, "OL CHRG"},
		{"online chrg", 100, synthesis{}, "OL"},
		{"online chrg", -1, synthesis{}, "OL"},
		{"online chrg fullycharged", 99, synthesis{}, "OL"},
		{"online chrg notfullycharged", 100, synthesis{}, "OL CHRG"},
		{"online dischrg", 90, synthesis{}, "OL DISCHRG"},
		{"online dischrg", 90, synthesis{onBattery: true}, "OB DISCHRG"},
		{"online dischrg", 90, synthesis{calibration: true}, "CAL DISCHRG"},
		{"online dischrg cal", 90, synthesis{}, "CAL OL DISCHRG"},
		{"online overload replacebatt trim boost bypassauto off", 100, synthesis{}, "OL OVER RB TRIM BOOST BYPASS OFF"},
		{"online nobattery", 0, synthesis{}, "OL RB"},
		{"online shutdownimm", 100, synthesis{}, "OL LB"},
		{"online timelimitexp bypassman", 100, synthesis{}, "OL LB BYPASS"},
		{"online offline", 100, synthesis{}, "OB"},
		{"online !online dischrg", 100, synthesis{}, "OB DISCHRG"},
		{"online overload !overload", 100, synthesis{}, "OL"},
		{"", -1, synthesis{}, ""},
	} {
		how := tt.how
		if got := strings.Join(how.words(stateOf(tt.state), tt.charge, time.Now(), log), " "); got != tt.want {
			t.Errorf("%q at %g %%: %q, want %q", tt.state, tt.charge, got, tt.want)
		}
	}
}

// TestDelay: LB and RB wait while a battery is calibrated, and no longer than that.
func TestDelay(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	start := time.Now()
	for _, tt := range []struct {
		always bool
		state  string
		wants  string // of L B at 0, 2 and 3 seconds
	}{
		{false, "online cal lowbatt replacebatt", "..x"},
		{false, "offline lowbatt", "xxx"},
		{true, "offline lowbatt", "..x"},
	} {
		s := synthesis{delay: 3 * time.Second, always: tt.always}
		got := ""
		for _, after := range []time.Duration{0, 2 * time.Second, 3 * time.Second} {
			words := strings.Join(s.words(stateOf(tt.state), 50, start.Add(after), log), " ")
			if strings.Contains(words, "LB") {
				got += "x"
			} else {
				got += "."
			}
			if strings.Contains(tt.state, "replacebatt") && strings.Contains(words, "RB") != strings.Contains(words, "LB") {
				t.Errorf("RB and LB come apart in %q", words)
			}
		}
		if got != tt.wants {
			t.Errorf("%q, always %v: %s, want %s", tt.state, tt.always, got, tt.wants)
		}
		s.words(0, 50, start, log)
		if again := s.words(stateOf(tt.state), 50, start.Add(4*time.Second), log); tt.wants[0] == '.' && strings.Contains(strings.Join(again, " "), "LB") {
			t.Error("what came back does not wait again")
		}
	}
}

func TestAlarms(t *testing.T) {
	all := bits(1<<32 - 1).alarms([]string{"Wiring fault!", "Wiring fault!"})
	if len(all) != len(alarmTexts)+1 {
		t.Errorf("%d alarms: %v", len(all), all)
	}
	if got := stateOf("online overload").alarms(nil); got != nil {
		t.Errorf("alarms %v", got)
	}
	for state, want := range map[string]string{
		"vrange frange": "input voltage out of range", "frange": "input frequency out of range", "vrange !vrange": "",
	} {
		if got := stateOf(state).transferReason(); got != want {
			t.Errorf("%q: %q, want %q", state, got, want)
		}
	}
	for state, want := range map[string]string{"ecomode": "vendor:mge-hid:ECO", "ecomode essmode": "vendor:mge-hid:ESS", "essmode normal": ""} {
		if got := stateOf(state).mode(); got != want {
			t.Errorf("%q: %q, want %q", state, got, want)
		}
	}
}

// TestBits: each word has a bit of its own.
func TestBits(t *testing.T) {
	var seen bits
	for word, b := range bitNames {
		if b == 0 || b&(b-1) != 0 || seen&b != 0 {
			t.Errorf("%s has the bit %b", word, b)
		}
		seen |= b
	}
	if len(bitNames) != 30 {
		t.Errorf("%d words, want 30", len(bitNames))
	}
}
