package conf

import "slices"

// File is what one configuration file says.
type File struct {
	Format *Format
	// Sections are in the order of the file. The first is always there: it
	// holds what stands before any header, and its name is "".
	Sections []*Section
	Problems []Problem // in the order of lines
}

// Section is a [name] and what follows it.
type Section struct {
	Name string
	Line int // of its header, 0 for the first
	// Broken is set where something the section says could not be used.
	Broken     bool
	Directives []Directive
}

// Directive is one setting or directive.
type Directive struct {
	Name string
	Args []string // what follows the name, without the =
	Set  bool     // there is a = behind the name
	Line int
}

// Value is the first argument, "" if there is none.
func (d Directive) Value() string {
	if len(d.Args) == 0 {
		return ""
	}
	return d.Args[0]
}

// Global is the section of what stands before any header.
func (f *File) Global() *Section { return f.Sections[0] }

// Named is the sections that have a header.
func (f *File) Named() []*Section { return f.Sections[1:] }

// Last returns the last directive of that name, which is the one that counts
// where only one can.
func (s *Section) Last(name string) (Directive, bool) {
	for _, d := range slices.Backward(s.Directives) {
		if d.Name == name {
			return d, true
		}
	}
	return Directive{}, false
}
