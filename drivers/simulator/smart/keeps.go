package smart

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// keep is a setting that the UPS keeps: one of a few values of equal length.
type keep struct {
	letter byte
	region byte // '4' for all regions
	values []string
	at     int
	tune   func(*model.UPS, float64) // nil if the model knows no such thing
}

func (k *keep) value() string { return k.values[k.at] }

// keeps are the settings as they leave the factory.
func keeps() []keep {
	return []keep{
		{'E', '4', []string{"336", "168", "ON ", "OFF"}, 0, nil},
		{'e', '4', []string{"00", "15", "50", "90"}, 0, nil},
		{'k', '4', []string{"0", "T", "L", "N"}, 0, nil},
		{'l', 'I', []string{"196", "188", "204", "208"}, 0, func(m *model.UPS, n float64) { m.TransferLow = n }},
		{'o', 'I', []string{"230", "240", "220", "225"}, 0, nil},
		{'p', '4', []string{"020", "180", "300", "600"}, 0, func(m *model.UPS, n float64) { m.Shutdown = time.Duration(n) * time.Second }},
		{'q', '4', []string{"02", "05", "07", "10"}, 0, func(m *model.UPS, n float64) { m.RuntimeLow = time.Duration(n) * time.Minute }},
		{'r', '4', []string{"000", "060", "180", "300"}, 0, func(m *model.UPS, n float64) { m.Start = time.Duration(n) * time.Second }},
		{'s', '4', []string{"H", "M", "L"}, 0, nil},
		{'u', 'I', []string{"253", "257", "261", "265"}, 0, func(m *model.UPS, n float64) { m.TransferHigh = n }},
		// One of another region, which does not count here.
		{'u', 'D', []string{"127", "130"}, 0, nil},
	}
}

// capabilities are all settings with their values, as one text.
func (u *UPS) capabilities() string {
	var b strings.Builder
	b.WriteByte('#')
	for _, k := range u.keeps {
		fmt.Fprintf(&b, "%c%c%d%d%s", k.letter, k.region, len(k.values), len(k.values[0]), strings.Join(k.values, ""))
	}
	return b.String()
}

// step is the order to go to the next value of the setting that was asked for
// last, or to take a new text for it.
func (u *UPS) step(asked byte) string {
	if _, ok := u.texts[asked]; ok {
		u.edit, u.editing = []byte{}, asked
		return ""
	}
	i := slices.IndexFunc(u.keeps, func(k keep) bool { return k.letter == asked })
	if i < 0 {
		return no
	}
	k := &u.keeps[i]
	k.at = (k.at + 1) % len(k.values)
	if n, err := strconv.ParseFloat(k.value(), 64); err == nil && k.tune != nil {
		u.do(func(m *model.UPS) { k.tune(m, n) })
	}
	return yes + "|"
}

// textLen is the length of a text that the UPS keeps.
const textLen = 8

// write takes the letters of a text until it is whole.
func (u *UPS) write(b byte) string {
	u.edit = append(u.edit, b)
	if len(u.edit) < textLen {
		return ""
	}
	u.texts[u.editing] = strings.TrimRight(string(u.edit), "\r")
	u.edit = nil
	return yes
}
