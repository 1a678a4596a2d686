package dialect

import (
	"bytes"
	_ "embed" // the table below
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed alarms.yaml
var alarmsFile []byte

// trouble is what a number stands for.
type trouble struct {
	Text   string `yaml:"text"`
	Status string `yaml:"status"` // the word of ups.status that it is too; "" if none
}

// alarmTable is by code, or by bit.
type alarmTable struct {
	P31Faults      map[string]trouble `yaml:"p31-faults"`
	Faults         map[string]trouble `yaml:"faults"`
	Warnings       map[string]trouble `yaml:"warnings"`
	AxpertWarnings map[string]trouble `yaml:"axpert-warnings"`
}

var loadAlarms = sync.OnceValues(func() (alarmTable, error) {
	var t alarmTable
	d := yaml.NewDecoder(bytes.NewReader(alarmsFile))
	d.KnownFields(true)
	err := d.Decode(&t)
	return t, err
})

// maxAlarm is the longest alarm; longer lists are told by numbers.
const maxAlarm = 120

// flags reads a character for each trouble, of which 1 is on, as one alarm, and
// the status words that go with it.
func flags(text string, table map[string]trouble) (alarm string, words []string, err error) {
	if text == "" || strings.Trim(text, "01-") != "" {
		return "", nil, fmt.Errorf("%w: %q are no warnings", errNone, text)
	}
	var texts, bits []string
	for i := range len(text) {
		t, known := table[strconv.Itoa(i)]
		on := text[i] == '1'
		if on {
			bits = append(bits, strconv.Itoa(i))
			if !known {
				t.Text = fmt.Sprintf("warning %d", i)
			}
			texts = append(texts, t.Text)
		}
		if t.Status != "" {
			words = append(words, not(!on, t.Status))
		}
	}
	if len(texts) == 0 {
		return "", words, nil
	}
	slices.Sort(texts)
	if alarm = "UPS warnings: " + strings.Join(texts, ", ") + "!"; len(alarm) > maxAlarm {
		alarm = "UPS warnings, by number: " + strings.Join(bits, ", ") + "!"
	}
	return alarm, words, nil
}
