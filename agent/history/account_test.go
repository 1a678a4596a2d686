package history

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// said is a snapshot of words as in "OB battery.charge=50"; "stale" and
// "absent" in front of them are its health.
func said(text string) *nut.Snapshot {
	var d nut.Draft
	health := nut.Live
	var status []string
	for field := range strings.SplitSeq(text, ",") {
		name, value, isVariable := strings.Cut(strings.TrimSpace(field), "=")
		switch {
		case isVariable:
			d.Set(nut.Name(name), value)
		case name == "stale":
			health = nut.Stale
		case name == "absent":
			health = nut.Absent
		case name != "":
			status = strings.Fields(name)
		}
	}
	if status != nil {
		d.SetStatus(status...)
	}
	return d.Freeze("u", health, noon)
}

// moment is what is said at a time after noon. A restart forgets the last
// snapshot, and has the account as the file has it.
type moment struct {
	at      time.Duration
	text    string
	restart bool
}

// play steps an account through moments.
func play(t *testing.T, moments []moment) (Account, []Outage) {
	t.Helper()
	var a Account
	var last *nut.Snapshot
	var past []Outage
	for _, m := range moments {
		if m.restart {
			last = nil
		}
		next := said(m.text)
		if over := a.Step(last, next, noon.Add(m.at)); over != nil {
			past = append(past, *over)
		}
		last = next
	}
	return a, past
}

func show(o Outage) string {
	lowest := "?"
	if o.Lowest != nil {
		lowest = fmt.Sprint(*o.Lowest)
	}
	text := fmt.Sprintf("%s+%s %s %s%%", o.Start.Sub(noon), o.OnBattery, o.Cause, lowest)
	if !o.End.IsZero() {
		text += fmt.Sprintf(" till %s", o.End.Sub(noon))
	}
	if o.EndUnseen {
		text += " unseen"
	}
	return text
}

func TestAccount(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	for name, tt := range map[string]struct {
		moments   []moment
		onBattery time.Duration
		transfers map[Cause]uint64
		outages   uint64
		past      string // outages that are over
		present   string
		joules    string // measured, estimated
	}{
		"nothing": {joules: "0 0"},
		"mains":   {moments: []moment{{0, "OL", false}, {h, "OL", false}}, joules: "0 0"},
		"an outage": {
			moments: []moment{
				{0, "OL, battery.charge=100", false},
				{10 * s, "OB, battery.charge=100, input.voltage=0", false},
				{20 * s, "OB, battery.charge=90, input.voltage=0", false},
				{40 * s, "OL, battery.charge=80", false},
				{50 * s, "OL, battery.charge=70", false},
			},
			onBattery: 30 * s, transfers: map[Cause]uint64{VoltageLow: 1}, outages: 1,
			past: "10s+30s voltage_low 90% till 40s", joules: "0 0",
		},
		"on battery from the first": {
			moments:   []moment{{0, "OB", false}, {m, "OB LB", false}},
			onBattery: m, transfers: map[Cause]uint64{Unknown: 1}, outages: 1, present: "0s+1m0s unknown ?%", joules: "0 0",
		},
		"the cause comes later": {
			moments: []moment{
				{0, "OL", false},
				{s, "OB", false},
				{2 * s, "OB, input.transfer.reason=line voltage notch or spike", false},
				{3 * s, "OB, input.transfer.reason=high line voltage", false},
			},
			onBattery: 2 * s, transfers: map[Cause]uint64{Unknown: 1}, outages: 1, present: "1s+2s disturbance ?%", joules: "0 0",
		},
		"a test is no outage": {
			moments:   []moment{{0, "OL", false}, {s, "OB DISCHRG TEST", false}, {11 * s, "OL", false}},
			onBattery: 10 * s, transfers: map[Cause]uint64{SelfTest: 1}, past: "1s+10s self_test ?% till 11s", joules: "0 0",
		},
		"restarted in the outage": {
			moments: []moment{
				{0, "OL", false},
				{10 * s, "OB", false},
				{20 * s, "OB", false},
				{m, "OB", true},
				{2 * m, "OL", false},
			},
			onBattery: 110 * s, transfers: map[Cause]uint64{Unknown: 1}, outages: 1, past: "10s+1m50s unknown ?% till 2m0s", joules: "0 0",
		},
		"the outage was over when it came back": {
			moments:   []moment{{0, "OB", false}, {20 * s, "OB", false}, {5 * m, "OL", true}},
			onBattery: 20 * s, transfers: map[Cause]uint64{Unknown: 1}, outages: 1, past: "0s+20s unknown ?% till 20s unseen", joules: "0 0",
		},
		"another outage when it came back": {
			moments:   []moment{{0, "OB", false}, {20 * s, "OB", false}, {h, "OB", true}, {h + s, "OB", false}},
			onBattery: 21 * s, transfers: map[Cause]uint64{Unknown: 2}, outages: 2,
			past: "0s+20s unknown ?% till 20s unseen", present: "1h0m0s+1s unknown ?%", joules: "0 0",
		},
		"went to battery while nobody looked": {
			moments:   []moment{{0, "OL", false}, {h, "OB", true}, {h + s, "OL", false}},
			onBattery: s, transfers: map[Cause]uint64{Unknown: 1}, outages: 1, past: "1h0m0s+1s unknown ?% till 1h0m1s", joules: "0 0",
		},
		"contact lost in the outage": {
			moments:   []moment{{0, "OB, ups.realpower=100", false}, {10 * s, "stale, OB", false}, {20 * s, "OB, ups.realpower=100", false}, {30 * s, "OL", false}},
			onBattery: 30 * s, transfers: map[Cause]uint64{Unknown: 1}, outages: 1, past: "0s+30s unknown ?% till 30s", joules: "2000 0",
		},
		"the clock was set back": {
			moments:   []moment{{h, "OB, ups.realpower=100", false}, {h + s, "OB, ups.realpower=100", false}, {0, "OB, ups.realpower=100", false}, {s, "OL", false}},
			onBattery: 2 * s, transfers: map[Cause]uint64{Unknown: 1}, outages: 1, past: "1h0m0s+2s unknown ?% till 1h0m0s", joules: "200 0",
		},
		"set back over a restart": {
			moments:   []moment{{h, "OB", false}, {h + s, "OB", false}, {0, "OB", true}, {s, "OL", false}},
			onBattery: 2 * s, transfers: map[Cause]uint64{Unknown: 1}, outages: 1, past: "1h0m0s+2s unknown ?% till 1h0m0s", joules: "0 0",
		},
		"energy of both kinds": {
			moments: []moment{
				{0, "OL, ups.realpower=100", false},
				{10 * s, "OL, ups.load=50, ups.realpower.nominal=400", false},
				{20 * s, "absent", false},
				{h, "OL, ups.realpower=1", false},
				{h + s, "OL", false},
				{2 * h, "OL", false},
			},
			joules: "1001 2000",
		},
		"a device without a status": {moments: []moment{{0, "ups.realpower=5", false}, {s, "ups.realpower=5", false}}, joules: "5 0"},
	} {
		t.Run(name, func(t *testing.T) {
			a, past := play(t, tt.moments)
			if a.OnBattery != tt.onBattery || !maps.Equal(a.Transfers, tt.transfers) || a.Outages != tt.outages {
				t.Errorf("%s on battery, transfers %v, %d outages", a.OnBattery, a.Transfers, a.Outages)
			}
			var all []string
			for _, o := range past {
				all = append(all, show(o))
			}
			if got := strings.Join(all, "; "); got != tt.past {
				t.Errorf("past %q, want %q", got, tt.past)
			}
			present := ""
			if a.Outage != nil {
				present = show(*a.Outage)
			}
			if present != tt.present {
				t.Errorf("present %q, want %q", present, tt.present)
			}
			if got := fmt.Sprint(a.Measured, a.Estimated); got != tt.joules {
				t.Errorf("energy %s, want %s", got, tt.joules)
			}
		})
	}
}

func TestTests(t *testing.T) {
	a, _ := play(t, []moment{
		{0, "OL, ups.test.result=Done and passed", false},
		{time.Hour, "OL, ups.test.result=In progress", false},
		{2 * time.Hour, "OL, ups.test.result=Done and error", false},
		{3 * time.Hour, "OL, ups.test.result=No test initiated", false},
	})
	if !a.Tested.Equal(noon.Add(2*time.Hour)) || a.TestResult != "Done and error" {
		t.Errorf("tested %s: %q", a.Tested, a.TestResult)
	}
}

// Whatever a device says and the clock does, nothing that is counted goes back,
// time on battery is no more than has passed, and outages add up.
func TestNothingGoesBack(t *testing.T) {
	texts := []string{
		"OL", "OB", "OB LB, battery.charge=5", "OB CAL", "OL CHRG, ups.realpower=100", "OB, ups.load=20, ups.realpower.nominal=500",
		"stale, OB", "stale, OL", "absent", "battery.charge=-3", "ups.realpower=-1e9, OL", "ups.realpower=NaN, OB", "ups.load=1e300, ups.realpower.nominal=1e300, OL",
	}
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		var a Account
		var last *nut.Snapshot
		var spent, passed time.Duration
		now, transfers := noon, uint64(0)
		for range 60 {
			jump := time.Duration(random.Int64N(int64(20*time.Minute))) - 4*time.Minute
			now, passed = now.Add(jump), passed+max(0, jump)
			if random.IntN(8) == 0 {
				last = nil
			}
			next := said(texts[random.IntN(len(texts))])
			before := a.clone()
			if over := a.Step(last, next, now); over != nil {
				spent += over.OnBattery
				if over.End.Before(over.Start) {
					t.Fatalf("seed %d: %+v", seed, over)
				}
			}
			last = next
			if a.OnBattery < before.OnBattery || !(a.Measured >= before.Measured) || !(a.Estimated >= before.Estimated) || a.Outages < before.Outages {
				t.Fatalf("seed %d: %+v became %+v", seed, before, a)
			}
		}
		if a.Outage != nil {
			spent += a.Outage.OnBattery
		}
		for _, n := range a.Transfers {
			transfers += n
		}
		if spent != a.OnBattery || spent > passed || a.Outages > transfers {
			t.Fatalf("seed %d: outages have %s of %s in %s, %d of %d transfers", seed, spent, a.OnBattery, passed, a.Outages, transfers)
		}
	}
}
