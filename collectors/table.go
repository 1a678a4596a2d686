package collectors

import (
	"slices"
	"strings"
	"sync"

	"github.com/wattnut/wattnut/nut"
)

// family is a row of the table: how a variable becomes samples.
type family struct {
	desc  *Desc
	entry *nut.Entry
	base  base
}

// table has the row of each variable of the vocabulary, and its row as a
// variable of one device in a daisy chain.
type table struct{ plain, daisy map[*nut.Entry]*family }

// families is worked out on first use.
var families = sync.OnceValue(func() table {
	t := table{make(map[*nut.Entry]*family), make(map[*nut.Entry]*family)}
	for e := range nut.Variables() {
		if e.Type == nut.Number || e.Type == nut.Enumeration || e.Type == nut.Date {
			t.plain[e] = newFamily(e, "nut.", "ups")
			t.daisy[e] = newFamily(e, "nut.device.", "ups", "device")
		}
	}
	return t
})

func newFamily(e *nut.Entry, prefix string, labels ...string) *family {
	f := &family{desc: &Desc{Help: help(e)}, entry: e}
	dotted := prefix + path(e.Name)
	labels = append(labels, places(e.Name)...)
	switch e.Type { //nolint:exhaustive // the other types have no rows
	case nut.Number:
		if b, ok := bases[e.Unit]; ok {
			f.base = b
			dotted, f.desc.whole = strings.CutSuffix(dotted, ".percent")
			dotted += "." + b.suffix
			f.desc.Unit = b.suffix
		}
	case nut.Enumeration:
		labels = append(labels, "state")
	case nut.Date:
		dotted += ".timestamp.seconds"
		f.desc.Unit = "seconds"
	}
	f.desc.Name, f.desc.dotted = strings.ReplaceAll(dotted, ".", "_"), dotted
	f.desc.Labels = slices.Clip(labels)
	return f
}

// help names NUT's variable, so that who knows it finds the metric. It is the
// same for a sensor with and without a number, as they share a family.
func help(e *nut.Entry) string {
	name := string(e.Name)
	if isLoneSensor(e.Name) {
		name = strings.Replace(name, "ambient.", "ambient.{sensor}.", 1)
	}
	return e.Text + " (" + name + ")."
}

// places are the labels of a template. A sensor without a number is sensor 0.
func places(template nut.Name) []string {
	var all []string
	for word := range strings.SplitSeq(string(template), ".") {
		if _, key, ok := strings.Cut(word, "{"); ok {
			all = append(all, strings.TrimRight(key, "*}"))
		}
	}
	if isLoneSensor(template) {
		all = append([]string{"sensor"}, all...)
	}
	return all
}

func isLoneSensor(template nut.Name) bool {
	return strings.HasPrefix(string(template), "ambient.") && template != "ambient.count" &&
		!strings.HasPrefix(string(template), "ambient.{sensor}")
}

// Table yields the families of all variables that the vocabulary knows, with
// the entries they come from, in the order of the vocabulary.
func Table() []Row {
	var rows []Row
	for e := range nut.Variables() {
		if f := families().plain[e]; f != nil {
			rows = append(rows, Row{f.desc, e})
		}
	}
	return rows
}

// Row is one line of the table: a family and the variable it comes from.
type Row struct {
	Desc  *Desc
	Entry *nut.Entry
}
