package snmp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

// maxAlarms bounds what is read of an alarm table.
const maxAlarms = 1000

// readAlarms reads the table of active alarms, where the device has one, while
// its count is not 0. The count is the object 1.0 beside the table.
func (u *device) readAlarms(ctx context.Context, full bool) error {
	for _, p := range u.live {
		if p.row.Name != "ups.alarms" {
			continue
		}
		n, _ := number(u.last[p.oid])
		if n <= 0 {
			u.active, u.raised = nil, 0
			return nil
		}
		// Those that go into the status are read as often as the rest of it.
		if !full && n == u.raised && !slices.ContainsFunc(u.active, func(a alarm) bool { return a.Status != "" }) {
			return nil
		}
		values, err := u.agent.Walk(ctx, strings.TrimSuffix(p.oid, ".1.0"), maxAlarms)
		if err != nil && !errors.Is(err, transport.ErrTooMany) && !errors.Is(err, transport.ErrGarbled) {
			return err
		}
		u.active, u.raised = u.table.activeAlarms(values), n
	}
	return nil
}

// vital tells whether a point decides about a shutdown: one that may say that the
// device is on battery, or the battery low.
func (u *device) vital(p *point) bool {
	switch {
	case !p.urgent() || p.constant():
		return false
	case p.row.Name == "ups.alarms":
		return true
	}
	return p.row.Name == "ups.status" && u.says(p, nut.StatusOnBattery, nut.StatusLowBattery)
}

// says tells whether one of the words is among what a point may say.
func (u *device) says(p *point, words ...string) bool {
	for _, text := range u.table.Lookups[p.row.Lookup] {
		if slices.ContainsFunc(words, nut.ParseStatus(text).Has) {
			return true
		}
	}
	return false
}

// missed tells whether v is what is left of something vital: nothing where
// there was a number.
func (u *device) missed(v transport.Value) bool {
	if _, ok := number(v); ok {
		return false
	}
	_, had := number(u.last[v.OID])
	return had && slices.ContainsFunc(u.live, func(p *point) bool { return p.oid == v.OID && u.vital(p) })
}

// begins is how long a card may take after its start until it knows its device, and
// how long what is vital may be away before the device is one without it.
const begins = time.Minute

// trust tells why a status is not to be believed; nil if it is. One without a
// word of the power is none from a card that has just begun, and no end of a
// time on battery.
func (u *device) trust(status, before nut.Status) error {
	if u.lost != "" {
		return fmt.Errorf("the agent has no value of %s any more: %w", u.lost, drivers.ErrStale)
	}
	power := []string{nut.StatusOnline, nut.StatusOnBattery, nut.StatusOff, nut.StatusBypass, nut.StatusTrim, nut.StatusBoost}
	asked := slices.ContainsFunc(u.live, func(p *point) bool { return u.vital(p) && u.says(p, nut.StatusOnBattery) })
	if asked && !slices.ContainsFunc(power, status.Has) && (before.Has(nut.StatusOnBattery) || time.Since(u.since) < begins) {
		return fmt.Errorf("the agent does not say where the power comes from: %w", drivers.ErrStale)
	}
	return nil
}

// activeAlarms are those of the table that the values name.
func (t *table) activeAlarms(values []transport.Value) []alarm {
	var active []alarm
	for _, v := range values {
		if v.Kind != transport.Object {
			continue
		}
		i := slices.IndexFunc(t.Alarms, func(a alarm) bool { return a.OID == strings.TrimSuffix(v.Text, ".0") || a.OID == v.Text })
		if i >= 0 {
			active = append(active, t.Alarms[i])
		}
	}
	return active
}

// writeState writes ups.status and the alarms, or nothing of it beside an error.
func (u *device) writeState(d *nut.Draft) error {
	var status, alarms []string
	members := make(map[int][]string)
	for _, p := range u.live {
		if !p.state() || p.row.Name == "ups.alarms" {
			continue
		}
		word, ok := u.word(p)
		switch {
		case !ok:
		case p.row.Name == "ups.status":
			status = append(status, word)
		default:
			text := p.alarm(word)
			members[p.from.member] = append(members[p.from.member], text)
			if p.from.member > 0 {
				text = fmt.Sprintf("device %d %s", p.from.member, text)
			}
			alarms = append(alarms, text)
		}
	}
	for _, a := range u.active {
		if a.Status != "" {
			status = append(status, a.Status)
		}
		if a.Text != "" {
			alarms = append(alarms, a.Text+"!")
		}
	}
	if err := u.trust(nut.ParseStatus(strings.Join(status, " ")), nut.ParseStatus(d.Value("ups.status"))); err != nil {
		return err
	}
	d.SetStatus(status...)
	d.SetAlarms(fit(alarms)...)
	u.writeMembers(d, members)
	return nil
}

// writeMembers writes the alarms of each member of a chain.
func (u *device) writeMembers(d *nut.Draft, members map[int][]string) {
	if u.plan.members < 2 {
		return
	}
	for m := 1; m <= u.plan.members; m++ {
		name := nut.Name("device." + strconv.Itoa(m) + ".ups.alarm")
		if texts := strings.Join(fit(members[m]), " "); texts != "" {
			d.Set(name, texts)
		} else {
			d.Delete(name)
		}
	}
}

// fit keeps as many of the texts as a value may be long, and says how many more
// there are.
func fit(texts []string) []string {
	const more = "and %d more"
	length := len(more) + 1
	for i, text := range texts {
		if length += len(text) + 1; length > maxText {
			return append(texts[:i:i], fmt.Sprintf(more, len(texts)-i))
		}
	}
	return texts
}

// word is what the lookup makes of a status or an alarm.
func (u *device) word(p *point) (string, bool) {
	if p.constant() {
		return p.text, p.text != ""
	}
	n, ok := number(u.last[p.oid])
	word := u.table.Lookups[p.row.Lookup][int64(n)]
	return word, ok && word != ""
}

// alarm says of what part of the device an alarm is.
func (p *point) alarm(text string) string {
	name := p.row.Name
	switch {
	case p.from.item >= 0 && p.row.Each == kindGroup && name != "ups.alarm":
		return fmt.Sprintf("outlet group %d %s", p.from.item, text)
	case p.from.item >= 0 && p.row.Each == kindOutlet && name != "ups.alarm":
		return fmt.Sprintf("outlet %d %s", p.from.item, text)
	case len(name) > 1 && name[0] == 'L':
		return fmt.Sprintf("phase %s %s", name[:2], text)
	}
	return text
}
