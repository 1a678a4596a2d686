package getopt

import "strings"

// Long gives an option a long name, without its dashes. It takes an argument
// where the letter does.
type Long struct {
	Name   string
	Letter byte
}

func (o *Options) readLong(text string, yield func(byte, string) bool) bool {
	name, arg, glued := strings.Cut(text, "=")
	found := o.matches(name)
	if len(found) == 0 {
		return o.fail("unrecognized option '--%s'", text) //nolint:misspell // C's word
	}
	if len(found) > 1 {
		return o.fail("option '--%s' is ambiguous", text)
	}
	_, takes := o.lookup(found[0].Letter)
	if glued && !takes {
		return o.fail("option '--%s' doesn't allow an argument", found[0].Name)
	}
	if takes && !glued {
		var ok bool
		if arg, ok = o.shift(); !ok {
			return o.fail("option '--%s' requires an argument", found[0].Name)
		}
	}
	return yield(found[0].Letter, arg)
}

// matches returns the long option of that name, or all that begin with it.
func (o *Options) matches(name string) (found []Long) {
	for _, l := range o.long {
		if l.Name == name {
			return []Long{l}
		}
		if strings.HasPrefix(l.Name, name) {
			found = append(found, l)
		}
	}
	return found
}
