package collectors

import (
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// number reads a device's number and tells it in the base unit.
func (b base) number(value string) (float64, bool) {
	f, ok := nut.ParseNumber(value)
	if !ok {
		return 0, false
	}
	if b.shift != "" {
		if shifted, err := strconv.ParseFloat(strings.TrimSpace(value)+b.shift, 64); err == nil {
			return shifted, true
		}
	}
	if b.factor != 0 {
		return (f + b.offset) * b.factor, true
	}
	return f, true
}

// layouts are the ways in which devices write days. Where a day could be read
// in two ways, the month comes first, as APC and its imitators have it.
var layouts = []string{
	"2006-01-02", "2006/01/02", "2006.01.02", "20060102", time.RFC3339,
	"01/02/06", "01/02/2006", "01-02-06", "01-02-2006",
	"02/01/06", "02/01/2006", "02-01-2006", "02.01.2006",
	"2006-01-02 15:04:05", "January 2, 2006", "2 January 2006",
}

// day reads a date as the seconds since 1970 of its first moment in UTC.
func day(value string) (float64, bool) {
	value = strings.TrimSpace(value)
	if len(value) > 32 {
		return 0, false
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, value); err == nil {
			return float64(t.Unix()), true
		}
	}
	return 0, false
}
