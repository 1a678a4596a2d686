// Package manual is what a program can be told, said once: its help, its man
// page, its completions and the letters that getopt takes are made of it.
package manual

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Manual describes a program.
type Manual struct {
	About   string   // what the program does, in a sentence or two; lines are kept
	Forms   []string // the ways to call it, without its name
	Options []Option
	// Taken are letters, as getopt has them, that mean nothing and are taken
	// nevertheless, as NUT's programs take them.
	Taken string
	Notes string // closes the help; lines are kept
}

// Option is what can be typed, and what it does. What is typed is an option, "-u
// USER", two of a kind, "-4, -6", or a word that is explained like one: "start",
// "<ups>".
type Option [2]string

// Flags are the words of an option that begin with a dash; none for a mere word.
// takes tells whether an argument follows.
func (o Option) Flags() (names []string, takes bool) {
	for part := range strings.SplitSeq(o[0], ", ") {
		name, argument, _ := strings.Cut(part, " ")
		if strings.HasPrefix(name, "-") {
			names = append(names, name)
			takes = argument != ""
		}
	}
	return names, takes
}

// Letters are the options of one letter as getopt takes them.
func (m Manual) Letters() string {
	var letters strings.Builder
	letters.WriteString(m.Taken)
	for _, o := range m.Options {
		names, takes := o.Flags()
		for _, name := range names {
			if len(name) != 2 {
				continue
			}
			letters.WriteString(name[1:])
			if takes {
				letters.WriteByte(':')
			}
		}
	}
	return letters.String()
}

// Long are the long names of options that have a letter too, as getopt_long
// takes them.
func (m Manual) Long() map[string]byte {
	long := make(map[string]byte)
	for _, o := range m.Options {
		names, _ := o.Flags()
		for _, name := range names {
			if full, ok := strings.CutPrefix(name, "--"); ok && len(names[0]) == 2 {
				long[full] = names[0][1]
			}
		}
	}
	return long
}

// Show writes the help of the program that is called so.
func (m Manual) Show(w io.Writer, called string) {
	for i, form := range m.Forms {
		lead := "usage:"
		if i > 0 {
			lead = "      "
		}
		fmt.Fprintln(w, strings.TrimRight(lead+" "+called+" "+form, " "))
	}
	fmt.Fprintf(w, "\n%s\n", m.About)
	if len(m.Options) > 0 {
		fmt.Fprintln(w)
		table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, o := range m.Options {
			fmt.Fprintf(table, "  %s\t%s\n", o[0], o[1])
		}
		table.Flush() //nolint:errcheck // as for any output
	}
	if m.Notes != "" {
		fmt.Fprintf(w, "\n%s\n", m.Notes)
	}
}
