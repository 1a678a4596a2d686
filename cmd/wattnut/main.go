// Command wattnut is all of wattnut's programs in one binary. The name it is
// called by, or else its first word, picks the program:
//
//	wattnut upsc myups     # the same as: upsc myups, where upsc is a link to wattnut
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/wattnut/wattnut/internal/manual"
)

// program is one row of the multicall binary.
type program struct {
	name   string
	about  string               // one line for the list of programs
	manual func() manual.Manual // its options, for all that is made of them
	// run does the work and returns the exit code. ctx ends at SIGINT,
	// SIGTERM and, as in NUT's programs, SIGQUIT.
	run func(ctx context.Context, c call) int
}

// call is what a program gets from the outside.
type call struct {
	name   string   // the program's name, for its messages
	args   []string // the words behind the name
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	defer stop()
	os.Exit(pick(ctx, os.Args, call{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}))
}

// pick finds the program that the words ask for and runs it.
func pick(ctx context.Context, words []string, c call) int {
	all := programs()
	name := strings.TrimSuffix(filepath.Base(words[0]), ".exe")
	if p := find(all, name); p != nil {
		c.name, c.args = name, words[1:]
		return p.run(ctx, c)
	}
	if len(words) > 1 {
		if p := find(all, words[1]); p != nil {
			c.name, c.args = words[1], words[2:]
			return p.run(ctx, c)
		}
	}
	word := "help"
	if len(words) > 1 {
		word = words[1]
	}
	switch word {
	case "help", "-h", "--help":
		if len(words) > 2 { // "help upsc" is "upsc -h"
			return pick(ctx, []string{name, words[2], "-h"}, c)
		}
		usage(c.stdout, all)
		return 0
	case "-V", "--version":
		return runVersion(ctx, c)
	}
	fmt.Fprintf(c.stderr, "wattnut: there is no program %q; \"wattnut help\" lists them\n", word)
	return 2
}

func find(all []program, name string) *program {
	for i := range all {
		if all[i].name == name {
			return &all[i]
		}
	}
	return nil
}

func usage(w io.Writer, all []program) {
	fmt.Fprintln(w, "usage: wattnut PROGRAM [options]")
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, p := range all {
		fmt.Fprintf(table, "  %s\t%s\n", p.name, p.about)
	}
	table.Flush() //nolint:errcheck // as for any output
	fmt.Fprint(w, "\n\"wattnut help PROGRAM\" tells the options of one. Each also runs by a link of its name.\n")
}

// help shows what a program can be told.
func (c call) help(m manual.Manual) { m.Show(c.stdout, called(c.name)) }

// mistaken shows the help to somebody who has called a program wrongly, and
// returns the exit code for that.
func (c call) mistaken(m manual.Manual) int {
	m.Show(c.stderr, called(c.name))
	return 2
}

// called is how a person calls a program: those that NUT does not have are words
// behind wattnut.
func called(name string) string {
	if own[name] {
		return "wattnut " + name
	}
	return name
}

// asksHelp tells whether the words behind a program's name ask what it does.
func asksHelp(args []string) bool {
	return len(args) == 1 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help")
}
