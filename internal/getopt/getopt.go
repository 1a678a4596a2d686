// Package getopt reads command lines as C's getopt does where options stop at
// the first word that is none (its "+"): clusters ("-lD"), glued arguments
// ("-uadmin"), "--" as the end, and the same messages. Beyond C, --help and
// --version are -h and -V.
package getopt

import (
	"fmt"
	"iter"
	"strings"
)

// Options walks over the options of a command line. Make one with [New].
type Options struct {
	program string
	short   string
	rest    []string
	err     error
}

// New prepares to read args, the words behind the program's name, which begins
// the messages. short has the letters of the options, each that takes an
// argument followed by a colon: "hl:D".
func New(program string, args []string, short string) *Options {
	return &Options{program: program, short: short, rest: args}
}

// All yields each option with its argument, "" where it takes none. It ends at
// the first word that is no option, or at the first mistake: see Err.
func (o *Options) All() iter.Seq2[byte, string] {
	return func(yield func(byte, string) bool) {
		for len(o.rest) > 0 && o.err == nil {
			word := o.rest[0]
			if len(word) < 2 || word[0] != '-' {
				return
			}
			o.rest = o.rest[1:]
			switch word {
			case "--":
				return
			case "--help":
				word = "-h"
			case "--version":
				word = "-V"
			}
			if !o.readCluster(word[1:], yield) {
				return
			}
		}
	}
}

// Err is the mistake that ended All, or nil: "upsc: invalid option -- 'z'".
func (o *Options) Err() error { return o.err }

// Rest is the words behind the options.
func (o *Options) Rest() []string { return o.rest }

func (o *Options) readCluster(letters string, yield func(byte, string) bool) bool {
	for i := range len(letters) {
		c := letters[i]
		known, takes := o.lookup(c)
		if !known {
			return o.fail("invalid option -- '%c'", c)
		}
		if !takes {
			if !yield(c, "") {
				return false
			}
			continue
		}
		if glued := letters[i+1:]; glued != "" {
			return yield(c, glued)
		}
		arg, ok := o.shift()
		if !ok {
			return o.fail("option requires an argument -- '%c'", c)
		}
		return yield(c, arg)
	}
	return true
}

func (o *Options) lookup(c byte) (known, takesArgument bool) {
	i := strings.IndexByte(o.short, c)
	if i < 0 || c == ':' {
		return false, false
	}
	return true, strings.HasPrefix(o.short[i+1:], ":")
}

func (o *Options) shift() (string, bool) {
	if len(o.rest) == 0 {
		return "", false
	}
	word := o.rest[0]
	o.rest = o.rest[1:]
	return word, true
}

func (o *Options) fail(format string, args ...any) bool {
	o.err = fmt.Errorf("%s: "+format, append([]any{o.program}, args...)...)
	return false
}
