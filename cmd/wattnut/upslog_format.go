package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/internal/strftime"
	"github.com/wattnut/wattnut/nut"
)

// defaultLogFormat is NUT's.
const defaultLogFormat = "%TIME @Y@m@d @H@M@S% %VAR battery.charge% " +
	"%VAR input.voltage% %VAR ups.load% [%VAR ups.status%] " +
	"%VAR ups.temperature% %VAR input.frequency%"

// What upslog writes for a variable that there is not, and for what it does
// not understand.
const (
	logMissing = "NA"
	logInvalid = "INVALID"
)

// logFormat is a format of upslog, taken apart.
type logFormat []logPiece

// logPiece appends a part of a line.
type logPiece func(line []byte, r *logRecord) []byte

// logRecord is what a line is written from.
type logRecord struct {
	ups, host string
	pid       int
	time      time.Time
	values    map[nut.Name]string // those that the UPS has
}

// parseLogFormat takes a format apart, and returns the variables in it. A %
// that begins nothing becomes INVALID.
func parseLogFormat(text string) (format logFormat, names []nut.Name) {
	for {
		literal, rest, found := strings.Cut(text, "%")
		format = append(format, literalPiece(literal))
		if !found {
			return format, names
		}
		if piece, n := shortPiece(rest); n > 0 {
			format, text = append(format, piece), rest[n:]
			continue
		}
		escape, after, closed := strings.Cut(rest, "%")
		if !closed {
			return append(format, literalPiece(logInvalid+rest)), names
		}
		piece, name := longPiece(escape)
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
		format, text = append(format, piece), after
	}
}

// append writes a line.
func (f logFormat) append(line []byte, r *logRecord) []byte {
	for _, piece := range f {
		line = piece(line, r)
	}
	return append(line, '\n')
}

func literalPiece(text string) logPiece {
	return func(line []byte, _ *logRecord) []byte { return append(line, text...) }
}

// shortPiece takes the escapes that no % ends, and how long they are: %% and
// %t, which is a TAB unless it begins a %time ...%.
func shortPiece(rest string) (logPiece, int) {
	switch {
	case strings.HasPrefix(rest, "%"):
		return literalPiece("%"), 1
	case strings.HasPrefix(rest, "t") && !strings.HasPrefix(strings.ToLower(rest), "time"):
		return literalPiece("\t"), 1
	}
	return nil, 0
}

// longPiece takes what stands between two %, and returns the variable if it
// is one.
func longPiece(escape string) (piece logPiece, name nut.Name) {
	word, argument, _ := strings.Cut(escape, " ")
	switch strings.ToUpper(word) {
	case "HOST":
		return func(line []byte, r *logRecord) []byte { return append(line, r.host...) }, ""
	case "UPSHOST":
		return func(line []byte, r *logRecord) []byte { return append(line, r.ups...) }, ""
	case "PID":
		return func(line []byte, r *logRecord) []byte { return strconv.AppendInt(line, int64(r.pid), 10) }, ""
	case "ETIME":
		return func(line []byte, r *logRecord) []byte { return strconv.AppendInt(line, r.time.Unix(), 10) }, ""
	case "TIME":
		if argument != "" {
			return timePiece(strings.ReplaceAll(argument, "@", "%")), ""
		}
	case "VAR":
		if strings.Contains(argument, ".") {
			return variablePiece(nut.Name(argument)), nut.Name(argument)
		}
	}
	return literalPiece(logInvalid), ""
}

func timePiece(format string) logPiece {
	return func(line []byte, r *logRecord) []byte { return strftime.Append(line, format, r.time) }
}

func variablePiece(name nut.Name) logPiece {
	return func(line []byte, r *logRecord) []byte {
		if value, ok := r.values[name]; ok {
			return append(line, value...)
		}
		return append(line, logMissing...)
	}
}
