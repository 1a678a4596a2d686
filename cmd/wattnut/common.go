package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// nutVersion is the NUT whose options and output the programs have.
const nutVersion = "2.8.5"

// banner is the line by which NUT's programs name themselves.
func banner(w io.Writer, name string) {
	fmt.Fprintf(w, "Network UPS Tools %s %s (wattnut %s)\n", name, nutVersion, version)
}

// showHelp writes the forms in which a program can be called, and its options
// as pairs of what to type and what it does.
func showHelp(c call, about string, forms []string, options [][2]string) {
	for i, form := range forms {
		lead := "usage:"
		if i > 0 {
			lead = "      "
		}
		fmt.Fprintf(c.stdout, "%s %s %s\n", lead, c.name, form)
	}
	fmt.Fprintf(c.stdout, "\n%s\n\n", about)
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	for _, o := range options {
		fmt.Fprintf(table, "  %s\t%s\n", o[0], o[1])
	}
	table.Flush() //nolint:errcheck // as for any output
}
