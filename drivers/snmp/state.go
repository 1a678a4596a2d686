package snmp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
			u.active = nil
			return nil
		}
		if !full && len(u.active) > 0 {
			return nil
		}
		values, err := u.agent.Walk(ctx, strings.TrimSuffix(p.oid, ".1.0"), maxAlarms)
		if err != nil && !errors.Is(err, transport.ErrTooMany) {
			return err
		}
		u.active = u.table.activeAlarms(values)
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

// writeState writes ups.status and the alarms.
func (u *device) writeState(d *nut.Draft) {
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
	d.SetStatus(status...)
	d.SetAlarms(fit(alarms)...)
	u.writeMembers(d, members)
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
