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
)

// program is one row of the multicall binary.
type program struct {
	name  string
	about string // one line for the list of programs
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
	if len(words) < 2 || words[1] == "help" || words[1] == "-h" || words[1] == "--help" {
		usage(c.stdout, all)
		return 0
	}
	fmt.Fprintf(c.stderr, "wattnut: there is no program %q; \"wattnut help\" lists them\n", words[1])
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
	for _, p := range all {
		fmt.Fprintf(w, "  %-12s %s\n", p.name, p.about)
	}
}
