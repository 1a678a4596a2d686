// Package strftime writes a time as C's strftime does in the C locale.
package strftime

import (
	"fmt"
	"time"
)

// layouts are the conversions that Go's time knows.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January",
	'd': "02", 'e': "_2", 'm': "01", 'y': "06", 'Y': "2006", 'j': "002",
	'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'P': "pm",
	'D': "01/02/06", 'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'r': "03:04:05 PM",
	'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05",
	'z': "-0700", 'Z': "MST",
}

// Append appends t in the given format. A conversion that is not known stays as
// it is.
func Append(dst []byte, format string, t time.Time) []byte {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			dst = append(dst, format[i])
			continue
		}
		i++
		dst = convert(dst, format[i], t)
	}
	return dst
}

func convert(dst []byte, c byte, t time.Time) []byte {
	if layout, ok := layouts[c]; ok {
		return t.AppendFormat(dst, layout)
	}
	year, week := t.ISOWeek()
	switch c {
	case '%':
		return append(dst, '%')
	case 'n':
		return append(dst, '\n')
	case 't':
		return append(dst, '\t')
	case 's':
		return fmt.Append(dst, t.Unix())
	case 'C':
		return fmt.Appendf(dst, "%02d", t.Year()/100)
	case 'k':
		return fmt.Appendf(dst, "%2d", t.Hour())
	case 'l':
		return fmt.Appendf(dst, "%2d", (t.Hour()+11)%12+1)
	case 'u':
		return fmt.Append(dst, (int(t.Weekday())+6)%7+1)
	case 'w':
		return fmt.Append(dst, int(t.Weekday()))
	case 'G':
		return fmt.Append(dst, year)
	case 'g':
		return fmt.Appendf(dst, "%02d", year%100)
	case 'V':
		return fmt.Appendf(dst, "%02d", week)
	case 'U': // weeks that begin on Sunday
		return fmt.Appendf(dst, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'W': // weeks that begin on Monday
		return fmt.Appendf(dst, "%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
	}
	return append(dst, '%', c)
}
