package nut

import (
	"fmt"
	"slices"
	"strings"
)

// lexicon is the decoded vocabulary.
type lexicon struct {
	variables, commands       branch
	variableList, commandList []*Entry
	words                     []*Entry
}

// domains are what {domain} in a template stands for, with what each is called
// in a description.
var domains = []struct{ name, text string }{
	{"input", "input"},
	{"input.bypass", "bypass input"},
	{"input.servicebypass", "service bypass input"},
	{"output", "output"},
	{"output.bypass", "bypass output"},
	{"output.inverter", "inverter output"},
	{"output.servicebypass", "service bypass output"},
}

// decodeVocabulary reads the table. The table is part of the program: a defect
// in it is a defect of the program, and panics with the line it is in.
func decodeVocabulary(text string) *lexicon {
	l := &lexicon{}
	line := 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimSuffix(row, "\n")
		if strings.HasPrefix(row, "#") {
			continue
		}
		if err := l.add(strings.Split(row, "\t")); err != nil {
			panic(fmt.Sprintf("vocabulary.tsv:%d: %v", line, err))
		}
	}
	return l
}

func (l *lexicon) add(columns []string) error {
	if len(columns) != 6 {
		return fmt.Errorf("%d columns where there should be 6", len(columns))
	}
	for i, c := range columns {
		if c == "-" {
			columns[i] = ""
		}
	}
	kind, odd := strings.CutSuffix(columns[0], "-")
	e := Entry{
		Name: Name(columns[1]), Type: Type(columns[2]), Unit: Unit(columns[3]),
		Standard: !odd, Text: columns[5],
	}
	if columns[4] != "" {
		e.Values = strings.Split(columns[4], ",")
	}
	switch kind {
	case "var":
		return l.addVariable(e)
	case "cmd":
		l.commandList = append(l.commandList, &e)
		return l.commands.put(&e)
	case "word":
		l.words = append(l.words, &e)
		return nil
	}
	return fmt.Errorf("row of an unknown kind %q", columns[0])
}

// addVariable adds a variable, or one for each domain. A row that names its
// domain goes before one for all domains, which may come later in the table.
func (l *lexicon) addVariable(e Entry) error {
	tail, ok := strings.CutPrefix(string(e.Name), "{domain}")
	if !ok {
		return l.putVariable(e)
	}
	for _, domain := range domains {
		one := e
		one.Name = Name(domain.name + tail)
		one.Text = strings.ReplaceAll(e.Text, "{domain}", domain.text)
		known := l.variables.find(string(one.Name))
		if known != nil && known.Name == one.Name {
			continue
		}
		if err := l.putVariable(one); err != nil {
			return err
		}
	}
	return nil
}

func (l *lexicon) putVariable(e Entry) error {
	if !slices.Contains([]Type{Number, Text, Identity, Enumeration, Date, Clock}, e.Type) {
		return fmt.Errorf("variable %s is of the unknown type %q", e.Name, e.Type)
	}
	l.variableList = append(l.variableList, &e)
	return l.variables.put(&e)
}
