package manual

import (
	"fmt"
	"io"
	"strings"
)

// Page is a man page. All its text is plain.
type Page struct {
	Name    string // as in the file's name: "wattnut-upsc"
	Section int
	Brief   string // what it is, in a line
	Version string // of the program
	Called  string // how the program is called, such as "wattnut check"; "" for a page of no program
	Manual  Manual
	Further []Section
	SeeAlso []string // such as "wattnut(1)"
}

// Section is one of a page's own.
type Section struct {
	Title string
	Text  string // before the items; lines are kept
	Items []Option
}

// Roff writes the page as man reads it: the macros of man(7), which groff and
// mandoc know.
func (p Page) Roff(w io.Writer) {
	fmt.Fprintf(w, ".TH %s %d \"\" %s\n", quote(strings.ToUpper(p.Name)), p.Section, quote("wattnut "+p.Version))
	fmt.Fprintf(w, ".SH NAME\n%s \\- %s\n", escape(p.Name), escape(p.Brief))
	if p.Called != "" {
		fmt.Fprint(w, ".SH SYNOPSIS\n")
		for i, form := range p.Manual.Forms {
			if i > 0 {
				fmt.Fprintln(w, ".br")
			}
			fmt.Fprintln(w, strings.TrimRight(`\fB`+escape(p.Called)+`\fR `+escape(form), " "))
		}
	}
	lines(w, "DESCRIPTION", p.Manual.About)
	items(w, "OPTIONS", p.Manual.Options)
	lines(w, "NOTES", p.Manual.Notes)
	for _, s := range p.Further {
		lines(w, s.Title, s.Text)
		if s.Text != "" {
			s.Title = ""
		}
		items(w, s.Title, s.Items)
	}
	if len(p.SeeAlso) > 0 {
		fmt.Fprintf(w, ".SH \"SEE ALSO\"\n%s\n", escape(strings.Join(p.SeeAlso, ", ")))
	}
}

// lines writes text under a title, or nothing.
func lines(w io.Writer, title, text string) {
	if text == "" {
		return
	}
	fmt.Fprintf(w, ".SH %s\n", quote(title))
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			fmt.Fprintln(w, ".br")
		}
		fmt.Fprintln(w, escape(line))
	}
}

// items writes what can be typed and what it does, under a title unless that is
// "".
func items(w io.Writer, title string, all []Option) {
	if len(all) > 0 && title != "" {
		fmt.Fprintf(w, ".SH %s\n", quote(title))
	}
	for _, o := range all {
		fmt.Fprintf(w, ".TP\n\\fB%s\\fR\n%s\n", escape(o[0]), escape(o[1]))
	}
}

// escape keeps roff from reading anything but text.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "\n", " ").Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

// quote is text as an argument of a macro.
func quote(text string) string {
	return `"` + strings.ReplaceAll(escape(text), `"`, `\(dq`) + `"`
}
