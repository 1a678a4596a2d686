package prometheus

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// piece is what one UPS has of one family: whole lines, the same in the text
// format and in OpenMetrics, as all of them are gauges.
type piece struct {
	desc  *collectors.Desc
	lines []byte
}

// render renders what follows from a snapshot alone.
func render(forced bool) func(*nut.Snapshot) []piece {
	return func(s *nut.Snapshot) []piece { return pieces(collectors.Readings(s, forced)) }
}

func renderTexts(s *nut.Snapshot) []piece { return pieces(collectors.Texts(s)) }

// pieces renders samples, those of a family together.
func pieces(samples []collectors.Sample) []piece {
	slices.SortStableFunc(samples, func(a, b collectors.Sample) int { return cmp.Compare(a.Desc.Name, b.Desc.Name) })
	var all []piece
	var lines []byte
	start := 0
	for i, s := range samples {
		lines = appendSample(lines, s)
		if i+1 == len(samples) || samples[i+1].Desc.Name != s.Desc.Name {
			all = append(all, piece{s.Desc, lines[start:len(lines):len(lines)]})
			start = len(lines)
		}
	}
	return all
}

func appendSample(b []byte, s collectors.Sample) []byte {
	b = append(b, s.Desc.Name...)
	separator := byte('{')
	for i, name := range s.Desc.Labels {
		if s.Labels[i] == "" {
			continue // the same as a label that is not there
		}
		b = append(b, separator)
		b = append(b, name...)
		b = append(b, `="`...)
		b = appendEscaped(b, s.Labels[i])
		b = append(b, '"')
		separator = ','
	}
	if separator == ',' {
		b = append(b, '}')
	}
	b = append(b, ' ')
	b = strconv.AppendFloat(b, s.Value, 'g', -1, 64)
	return append(b, '\n')
}

// appendEscaped writes a label's value as both formats want it.
func appendEscaped(b []byte, value string) []byte {
	for i := range len(value) {
		switch c := value[i]; c {
		case '\\':
			b = append(b, `\\`...)
		case '"':
			b = append(b, `\"`...)
		case '\n':
			b = append(b, `\n`...)
		default:
			b = append(b, c)
		}
	}
	return b
}

// appendHeader writes the lines above a family. One of another exporter's may end
// as those of histograms and counters do: it is of no type, in both formats.
func appendHeader(b []byte, d *collectors.Desc) []byte {
	b = append(b, "# HELP "...)
	b = append(b, d.Name...)
	b = append(b, ' ')
	b = appendEscaped(b, d.Help)
	b = append(b, '\n')
	if slices.ContainsFunc(taken, func(end string) bool { return strings.HasSuffix(d.Name, end) }) {
		return b
	}
	b = append(b, "# TYPE "...)
	b = append(b, d.Name...)
	return append(b, " gauge\n"...)
}

// taken are the ends of names that are for other types than gauges.
var taken = []string{"_bucket", "_count", "_sum", "_total"}
