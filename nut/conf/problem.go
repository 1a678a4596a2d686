package conf

import "fmt"

// Severity is how bad a [Problem] is.
type Severity uint8

// What becomes of a file with a problem.
const (
	// Warning: all is used as NUT would use it, but a person should look.
	Warning Severity = iota
	// Error: something is not as the file asks: a directive is left out, a
	// UPS is not started.
	Error
	// Fatal: NUT's programs would not start at all.
	Fatal
)

// String is the severity in lower case.
func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Error:
		return "error"
	case Fatal:
		return "fatal"
	}
	return fmt.Sprintf("Severity(%d)", uint8(s))
}

// Problem is one thing that is wrong with the configuration. It never holds a
// password.
type Problem struct {
	File     string // "ups.conf", or what else it is about
	Line     int    // 0 if it is about the file as a whole
	Severity Severity
	Section  string // the section it is about, "" for none
	Text     string // a sentence for a person, without a full stop
}

// Error gives the place and the sentence: "ups.conf:12: port: is missing".
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}
