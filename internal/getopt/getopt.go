// Package getopt reads command lines as C's getopt does where options stop at
// the first word that is none (its "+"): clusters ("-lD"), glued arguments
// ("-uadmin"), "--" as the end, and the same messages. Long names are there
// where [Options.Long] gives some; elsewhere, beyond C, --help and --version are
// -h and -V.
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
	long    map[string]byte
	rest    []string
	err     error
}

// New prepares to read args, the words behind the program's name, which begins
// the messages. short has the letters of the options, each that takes an
// argument followed by a colon: "hl:D".
func New(program string, args []string, short string) *Options {
	return &Options{program: program, short: short, rest: args}
}

// Long gives options long names, as getopt_long has them: "--timeout=5",
// "--timeout 5", and any beginning of a name that is no other's. It returns o.
func (o *Options) Long(names map[string]byte) *Options {
	o.long = names
	return o
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
			if word == "--" {
				return
			}
			if name, ok := strings.CutPrefix(word, "--"); ok && o.long != nil {
				if !o.readLong(name, yield) {
					return
				}
				continue
			}
			switch word {
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

func (o *Options) readLong(word string, yield func(byte, string) bool) bool {
	name, arg, glued := strings.Cut(word, "=")
	c, name, ok := o.complete(name)
	if !ok {
		return false
	}
	_, takes := o.lookup(c)
	switch {
	case glued && !takes:
		return o.fail("option '--%s' doesn't allow an argument", name)
	case takes && !glued:
		if arg, ok = o.shift(); !ok {
			return o.fail("option '--%s' requires an argument", name)
		}
	}
	return yield(c, arg)
}

// complete finds the option that a long name, or the beginning of one, stands for.
func (o *Options) complete(name string) (c byte, full string, ok bool) {
	if c, ok := o.long[name]; ok {
		return c, name, true
	}
	found := make(map[byte]string)
	for full, c := range o.long {
		if strings.HasPrefix(full, name) {
			found[c] = full
		}
	}
	if len(found) > 1 {
		return 0, name, o.fail("option '--%s' is ambiguous", name)
	}
	for c, full := range found {
		return c, full, true
	}
	return 0, name, o.fail("unrecognized option '--%s'", name) //nolint:misspell // getopt_long's word
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
