package sched

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/nut/wire"
)

// The words of the pipe besides those of the verbs.
const (
	wordList  = "LIST-TIMERS"
	wordBegin = "BEGIN LIST TIMERS"
	wordEnd   = "END LIST TIMERS"
	wordOK    = "OK"
	wordErr   = "ERR UNKNOWN"
)

// request is a line from a client.
type request struct {
	list  bool // else it is an order
	order Order
}

var errUnknown = errors.New("request is not known")

// parseRequest reads the words of a line: a verb, the timer's name, its seconds
// or the command to run instead, and what is known of the event. NUT before
// 2.8.5 leaves the event out, and the command with it where there is none.
func parseRequest(words [][]byte) (request, error) {
	field := func(n int) string {
		if n < len(words) {
			return string(words[n])
		}
		return ""
	}
	if field(0) == wordList {
		return request{list: true}, nil
	}
	v := slices.IndexFunc(verbs[:], func(v verbNames) bool { return v.pipe != "" && v.pipe == field(0) })
	if v < 0 || field(1) == "" {
		return request{}, errUnknown
	}
	o, err := newOrder(Verb(v), field(1), field(2))
	o.Cause = Event{Type: field(3), UPS: field(4), Message: field(5)}
	return request{order: o}, err
}

// appendOrder appends the line for an order. It has all that NUT 2.8.5 sends;
// older ones ignore what they do not know.
func appendOrder(dst []byte, o Order) []byte {
	more := o.Command
	if o.Verb.Starts() {
		more = seconds(o.After)
	}
	return appendRequest(dst, verbs[o.Verb].pipe, o.Name, more, o.Cause.Type, o.Cause.UPS, o.Cause.Message)
}

func appendRequest(dst []byte, verb string, words ...string) []byte {
	dst = append(dst, verb...)
	for _, w := range words {
		dst = wire.AppendQuoted(append(dst, ' '), w)
	}
	return append(dst, '\n')
}

// seconds writes whole seconds as NUT does, and a fraction if there is one.
func seconds(d time.Duration) string {
	text := fmt.Sprintf("%.3f", d.Seconds())
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// appendList appends the answer to LIST-TIMERS.
func appendList(dst []byte, now time.Time, timers []Timer) []byte {
	dst = append(dst, wordBegin+"\n"...)
	for _, t := range timers {
		left := math.Ceil(t.End.Sub(now).Seconds())
		dst = fmt.Appendf(dst, "%s\t%d\t%.0f\t%s\t%s\t%s\n", t.Name, t.End.Unix(), max(left, 0),
			orEmpty(types(t.Causes)), orEmpty(upses(t.Causes)), orEmpty(messages(t.Causes)))
	}
	return append(dst, wordEnd+"\n"+wordOK+"\n"...)
}

func orEmpty(s string) string { return orElse(s, `""`) }
