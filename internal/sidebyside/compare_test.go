package sidebyside

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// differs is a difference between the two in a history, and the row of
// docs/differences-upsmon.md that gives the reason.
type differs struct {
	who   int    // who does more
	kinds string // of events: each once, any number of times with a * after it
	row   string
	later time.Duration // the decision
}

// Who does more.
const (
	theyDo = iota
	weDo
)

const (
	// apart is how far two events must be from each other to have an order:
	// notices that are told at once come from processes of their own.
	apart = 400 * time.Millisecond
	// tolerance is how far the two decisions may be from each other. Polls are a
	// second apart, and the machine may be busy.
	tolerance = 3 * time.Second
)

// contrast compares two diaries and tells what differs beyond the differences
// that are known, and which of those do not show.
func contrast(theirs, ours []event, known []differs) []string {
	diaries := [2][]event{theirs, ours}
	var faults []string
	for _, k := range known {
		for kind := range strings.FieldsSeq(k.kinds) {
			if !strike(&diaries[k.who], kind) {
				faults = append(faults, fmt.Sprintf("%s: %s do not tell %s", k.row, sides[k.who], kind))
			}
		}
	}
	for i, diary := range diaries {
		for _, e := range surplus(diary, diaries[1-i]) {
			faults = append(faults, fmt.Sprintf("only %s tell %s %s %q", sides[i], e.kind, e.ups, e.text))
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return disorder(diaries[0], diaries[1])
}

// strike takes the last event of a kind out of a diary, or all of them if the
// kind has a * after it.
func strike(diary *[]event, kind string) bool {
	kind, all := strings.CutSuffix(kind, "*")
	found := false
	for i, e := range slices.Backward(slices.Clone(*diary)) {
		if e.kind == kind {
			*diary, found = slices.Delete(slices.Clone(*diary), i, i+1), true
			if !all {
				break
			}
		}
	}
	return found
}

// same tells whether two events say the same.
func same(a, b event) bool { return a.kind == b.kind && a.ups == b.ups && a.text == b.text }

// surplus are the events of a that have no counterpart in b.
func surplus(a, b []event) (more []event) {
	b = slices.Clone(b)
	for _, e := range a {
		if i := slices.IndexFunc(b, func(o event) bool { return same(e, o) }); i >= 0 {
			b = slices.Delete(b, i, i+1)
		} else {
			more = append(more, e)
		}
	}
	return more
}

// disorder tells which events the two have in another order, and which decisions
// at another time.
func disorder(theirs, ours []event) (faults []string) {
	match := pairUp(theirs, ours)
	for i := range theirs {
		for j := range theirs {
			if theirs[j].at-theirs[i].at > apart && ours[match[i]].at-ours[match[j]].at > apart {
				faults = append(faults, fmt.Sprintf("%s comes before %s with theirs only", theirs[i].kind, theirs[j].kind))
			}
		}
	}
	return faults
}

// pairUp finds for each event of a the place of its counterpart in b: the first
// of the same for the first, and so on.
func pairUp(a, b []event) []int {
	taken := make([]bool, len(b))
	places := make([]int, len(a))
	for i, e := range a {
		for j, o := range b {
			if !taken[j] && same(e, o) {
				places[i], taken[j] = j, true
				break
			}
		}
	}
	return places
}

// late tells if the two decisions, if both were made, are far from each other.
func late(theirs, ours []event, known []differs) []string {
	i, j := after(theirs, 0, down), after(ours, 0, down)
	if i < 0 || j < 0 {
		return nil
	}
	by := ours[j-1].at - theirs[i-1].at
	for _, k := range known {
		if k.who == weDo {
			by -= k.later
		} else {
			by += k.later
		}
	}
	if by.Abs() > tolerance {
		return []string{fmt.Sprintf("our SHUTDOWNCMD is %v later than it should be beside theirs", by)}
	}
	return nil
}

func TestContrast(t *testing.T) {
	diary := func(text string) (all []event) {
		for i, kind := range strings.Fields(text) {
			all = append(all, event{at: time.Duration(i) * time.Second, kind: kind})
		}
		return all
	}
	for _, tt := range []struct {
		theirs, ours string
		known        []differs
		want         string
	}{
		{"A B", "A B", nil, ""},
		{"A B A", "A B A", nil, ""},
		{"A B", "A", nil, `only theirs tell B  ""`},
		{"A", "A B", nil, `only ours tell B  ""`},
		{"A A", "A", nil, `only theirs tell A  ""`},
		{"A B", "B A", nil, "A comes before B with theirs only"},
		{"A", "A B", []differs{{who: weDo, kinds: "B", row: "row"}}, ""},
		{"A", "A B B", []differs{{who: weDo, kinds: "B", row: "row"}}, `only ours tell B  ""`},
		{"A B B", "A", []differs{{who: theyDo, kinds: "B*", row: "row"}}, ""},
		{"A B", "A B", []differs{{who: weDo, kinds: "B", row: "row"}}, `only theirs tell B  ""`},
		{"A", "A", []differs{{who: weDo, kinds: "B", row: "row"}}, "row: ours do not tell B"},
	} {
		if got := strings.Join(contrast(diary(tt.theirs), diary(tt.ours), tt.known), "; "); got != tt.want {
			t.Errorf("%q beside %q with %v: %s, want %s", tt.theirs, tt.ours, tt.known, got, tt.want)
		}
	}
}

func TestLate(t *testing.T) {
	at := func(d time.Duration) []event { return []event{{kind: "FSD"}, {at: d, kind: down}} }
	for _, tt := range []struct {
		theirs, ours []event
		known        []differs
		want         string
	}{
		{nil, at(0), nil, ""},
		{at(0), at(tolerance), nil, ""},
		{at(0), at(4 * time.Second), nil, "our SHUTDOWNCMD is 4s later than it should be beside theirs"},
		{at(4 * time.Second), at(0), nil, "our SHUTDOWNCMD is -4s later than it should be beside theirs"},
		{at(0), at(4 * time.Second), []differs{{who: weDo, later: 3 * time.Second}}, ""},
		{at(4 * time.Second), at(0), []differs{{who: theyDo, later: 3 * time.Second}}, ""},
	} {
		if got := strings.Join(late(tt.theirs, tt.ours, tt.known), "; "); got != tt.want {
			t.Errorf("%v beside %v: %q, want %q", tt.theirs, tt.ours, got, tt.want)
		}
	}
}
