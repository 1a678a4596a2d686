package dialect

import (
	"context"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// What many rows have a say in.
const (
	statusName = "ups.status"
	alarmName  = "ups.alarm"
)

// statement is what was said of ups.status (words, with ! before one that is
// not so) or of ups.alarm (a text), and by whom.
type statement struct {
	by         any // a *liveRow, or an extra
	name, text string
}

// isNews tells a row that has a say in the state of the UPS, as many have, from
// one that is a fact by itself.
func (r *liveRow) isNews() bool { return r.Name == statusName || r.Name == alarmName }

// state notes what somebody says now, in place of what that said before.
func (u *Unit) state(by any, name, text string) {
	u.said = slices.DeleteFunc(u.said, func(s statement) bool { return s.by == by })
	u.said = append(u.said, statement{by, name, text})
}

// order is that in which NUT's driver says the words.
var order = []string{
	nut.StatusDischarging, nut.StatusCharging, nut.StatusLowBattery, nut.StatusOverload, nut.StatusReplace, nut.StatusTrim,
	nut.StatusBoost, nut.StatusBypass, nut.StatusOff, nut.StatusCalibrating, nut.StatusForced, nut.StatusEco,
}

// words are those that hold: of two rows that contradict each other, the one
// that was read later is right.
func (u *Unit) words() map[string]bool {
	return u.wordsOf(func(statement) bool { return true })
}

// wordsOf are those of some statements; false is for a word that was said not to hold.
func (u *Unit) wordsOf(counts func(statement) bool) map[string]bool {
	is := make(map[string]bool)
	for _, s := range u.said {
		if s.name != statusName || !counts(s) {
			continue
		}
		for word := range strings.FieldsSeq(s.text) {
			name, not := strings.CutPrefix(word, "!")
			is[name] = !not
		}
	}
	return is
}

// is tells whether a status word holds.
func (u *Unit) is(word string) bool { return u.words()[word] }

// bad is what a state may have that makes hosts shut down.
type bad struct{ onBattery, low, forced bool }

// badNow is what the rows say that are read at each poll.
func (u *Unit) badNow() bad {
	is := u.wordsOf(func(s statement) bool { r, ok := s.by.(*liveRow); return ok && isQuick(r) })
	online, known := is[nut.StatusOnline]
	return bad{known && !online, is[nut.StatusLowBattery], is[nut.StatusForced]}
}

// worse tells whether b has something that the state before had not.
func (b bad) worse(before bad) bool {
	return b.onBattery && !before.onBattery || b.low && !before.low || b.forced && !before.forced
}

// confirm asks a second time for a state that got worse, and believes what is said
// then: most of these lines have no check, and one bit makes OL into OB.
func (u *Unit) confirm(ctx context.Context) error {
	if u.badNow().worse(u.bad) {
		if err := u.walk(ctx, isQuick); err != nil {
			return err
		}
	}
	u.bad = u.badNow()
	return nil
}

// status is the value of ups.status.
func (u *Unit) status() []string {
	is := u.words()
	all := []string{nut.StatusOnBattery}
	if is[nut.StatusOnline] {
		all[0] = nut.StatusOnline
	}
	for _, word := range order {
		if is[word] {
			all = append(all, word)
		}
	}
	return all
}

// alarms are the alarms that are on, in words.
func (u *Unit) alarms() []string {
	var all []string
	for _, s := range u.said {
		if s.name == alarmName && s.text != "" && !slices.Contains(all, s.text) {
			all = append(all, s.text)
		}
	}
	slices.Sort(all) // the order of reading would make them change
	is := u.words()
	if is[nut.StatusReplace] {
		all = append(all, "Replace battery!")
	}
	if is[nut.StatusForced] {
		all = append(all, "Shutdown imminent!")
	}
	return all
}
