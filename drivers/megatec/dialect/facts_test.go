package dialect

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// fact is a row of the reference facts.
type fact struct {
	Name      string   `json:"nut_name"`
	Cmd       string   `json:"nut_cmd"`
	Command   *string  `json:"command"`
	Least     int      `json:"answer_len"`
	Begins    *string  `json:"answer_start"`
	From      int      `json:"from"`
	To        int      `json:"to"`
	Default   *string  `json:"default"`
	Flags     []string `json:"flags"`
	InfoFlags []string `json:"info_flags"`
	Values    string   `json:"values"`
	Convert   string   `json:"convert"`
	Prepare   string   `json:"prepare_answer"`
	Condition string   `json:"condition"`
}

type protocolFacts struct {
	Protocol string `json:"protocol"`
	Rank     int    `json:"tried_at"`
	Queries  []fact
	Commands []fact
	Settings []fact
	Sets     map[string][]struct {
		Value string `json:"value"`
	} `json:"value_sets"`
}

// Where the comments below say "judged", the tables say something else than the
// facts on purpose; docs/differences-megatec.md has the reasons.

func reference(t *testing.T) []protocolFacts {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(testenv.Shared(t), "facts", "qx", "[a-z]*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no facts: %v", err)
	}
	var all []protocolFacts
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var p protocolFacts
		if err := json.Unmarshal(data, &p); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, p)
	}
	return all
}

// live leaves out what is in no normal build of NUT.
func live(rows []fact) []fact {
	return slices.DeleteFunc(slices.Clone(rows), func(f fact) bool { return f.Condition != "" })
}

// TestFacts: no query, command, setting or value of the reference facts is lost.
func TestFacts(t *testing.T) {
	all := reference(t)
	if len(all) != len(Names()) {
		t.Errorf("%d protocols in the facts, %d here", len(all), len(Names()))
	}
	total := 0
	for _, p := range all {
		tab, err := load(p.Protocol, "")
		if err != nil {
			t.Fatal(err)
		}
		if tab.Rank != p.Rank {
			t.Errorf("%s: tried as %d, want %d", p.Protocol, tab.Rank, p.Rank)
		}
		have := make(map[string]int)
		for _, line := range tab.lines() {
			have[line]++
		}
		for _, line := range p.lines() {
			total++
			if have[line]--; have[line] < 0 {
				t.Errorf("%s: lost %s", p.Protocol, line)
			}
		}
		for line, n := range have {
			if n > 0 {
				t.Errorf("%s: of no fact: %s", p.Protocol, line)
			}
		}
	}
	t.Logf("%d protocols, %d rows", len(all), total)
}

// lines describes each row in one form for facts and tables.
func (t *table) lines() []string {
	var all []string
	for name, value := range t.Implies {
		if name != "device.mfr" && name != "load.high" && name != "battery.type" {
			continue // said in notes
		}
		all = append(all, fmt.Sprintf("implied %s %s", name, value))
	}
	for _, q := range t.Queries {
		for _, r := range q.Rows {
			if t.Name == "megatec" && q.Ask == "I" {
				continue // judged
			}
			all = append(all, fmt.Sprintf("query %s %q %d %q %d-%d poll %q trim %t hidden %t asleep %t writable %t prepare %t",
				r.Name, q.Ask, q.Least, q.Begins, r.From, r.To, r.Poll, r.Trim, r.Hidden, r.Asleep, r.Set != "", q.Prepare != ""))
		}
	}
	for _, c := range t.Commands {
		least := c.Least
		if t.Name == "omron" {
			least = 0 // judged
		}
		all = append(all, fmt.Sprintf("command %s %q %d %q %d-%d asleep %t with %t", c.Name, c.Send, least, c.Begins, c.From, c.To, c.Asleep, c.With != ""))
	}
	for _, s := range t.Settings {
		all = append(all, fmt.Sprintf("setting %s %q %d %q %d-%d initial %q asleep %t hidden %t values %v",
			s.Name, s.Send, s.Least, s.Begins, s.From, s.To, s.Initial, s.Asleep, s.Hidden, t.values(s.Set)))
	}
	return all
}

func (t *table) values(name string) []string {
	s := t.Sets[name]
	values := append(slices.Clone(s.One), s.Range...)
	for _, l := range s.Limits {
		values = append(values, strings.TrimSuffix(l.Value, ".0"))
	}
	slices.Sort(values)
	return slices.Compact(values)
}

func (p protocolFacts) lines() []string {
	var all []string
	ask := func(f fact) string {
		if f.Command == nil {
			return ""
		}
		return strings.TrimSuffix(*f.Command, "\r")
	}
	begins := func(f fact) string {
		if f.Begins == nil {
			return ""
		}
		return *f.Begins
	}
	has := func(f fact, flag string) bool { return slices.Contains(f.Flags, flag) }
	for _, f := range live(p.Queries) {
		poll := ""
		for flag, word := range map[string]string{"STATIC": pollOnce, "SEMI_STATIC": pollSeldom, "QUICK_POLL": pollQuick} {
			if has(f, flag) {
				poll = word
			}
		}
		switch {
		case p.Protocol == "megatec" && ask(f) == "I", f.Name == "unknown.7":
			continue // judged
		case ask(f) == "":
			all = append(all, fmt.Sprintf("implied %s %s", f.Name, *f.Default))
			continue
		}
		prepared := f.Prepare == "bestups_preprocess_id_answer" || f.Prepare == "voltronic_qs_hex_preprocess_qs_answer"
		all = append(all, fmt.Sprintf("query %s %q %d %q %d-%d poll %q trim %t hidden %t asleep %t writable %t prepare %t",
			f.Name, ask(f), f.Least, begins(f), f.From, f.To, poll, has(f, "TRIM"), has(f, "NONUT"), has(f, "SKIP"),
			slices.Contains(f.InfoFlags, "RW"), prepared))
	}
	for _, f := range live(p.Commands) {
		all = append(all, fmt.Sprintf("command %s %q %d %q %d-%d asleep %t with %t", f.Cmd, ask(f), f.Least, begins(f), f.From, f.To, has(f, "SKIP"), f.Convert != ""))
	}
	for _, f := range live(p.Settings) {
		initial := ""
		if f.Default != nil {
			initial = *f.Default
		}
		values := []string{}
		if f.Values == "" { // that of the row
			for _, q := range p.Queries {
				if q.Name == f.Name {
					f.Values = q.Values
				}
			}
		}
		for _, v := range p.Sets[f.Values] {
			values = append(values, strings.TrimSuffix(v.Value, ".0"))
		}
		slices.Sort(values)
		all = append(all, fmt.Sprintf("setting %s %q %d %q %d-%d initial %q asleep %t hidden %t values %v",
			f.Name, ask(f), f.Least, begins(f), f.From, f.To, initial, has(f, "SKIP"), has(f, "NONUT"), values))
	}
	return all
}
