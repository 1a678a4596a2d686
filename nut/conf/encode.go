package conf

import (
	"strings"

	"github.com/wattnut/wattnut/nut/wire"
)

// Append appends the file's text to dst. [Parse] makes the same sections and
// directives of it, but for the numbers of lines. Comments are not kept.
func (f *File) Append(dst []byte) []byte {
	for i, s := range f.Sections {
		indent := ""
		if i > 0 {
			dst = append(wire.AppendWord(dst, "["+s.Name+"]"), '\n')
			indent = "\t"
		}
		for _, d := range s.Directives {
			dst = f.appendDirective(append(dst, indent...), d)
		}
	}
	return dst
}

func (f *File) appendDirective(dst []byte, d Directive) []byte {
	if f.Format.Style == Shell {
		dst = append(append(dst, d.Name...), '=')
		return append(appendShell(dst, d.Value()), '\n')
	}
	dst = wire.AppendWord(dst, d.Name)
	if d.Set {
		dst = append(dst, " ="...)
	}
	for _, arg := range d.Args {
		dst = wire.AppendWord(append(dst, ' '), arg)
	}
	return append(dst, '\n')
}

// appendShell appends s in single quotes, in which a shell changes nothing.
func appendShell(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	dst = append(dst, strings.ReplaceAll(s, "'", `'\''`)...)
	return append(dst, '\'')
}
