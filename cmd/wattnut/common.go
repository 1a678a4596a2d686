package main

import (
	"fmt"
	"io"
)

// nutVersion is the NUT whose options and output the programs have.
const nutVersion = "2.8.5"

// banner is the line by which NUT's programs name themselves.
func banner(w io.Writer, name string) {
	fmt.Fprintf(w, "Network UPS Tools %s %s (wattnut %s)\n", name, nutVersion, version)
}
