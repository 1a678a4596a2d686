package otlp

import (
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/wattnut/wattnut/nut"
)

// severities are of the events that say more than that something is well again
// or otherwise of note.
var severities = map[string]log.Severity{
	"ONBATT":   log.SeverityWarn,
	"COMMBAD":  log.SeverityWarn,
	"NOCOMM":   log.SeverityWarn,
	"REPLBATT": log.SeverityWarn,
	"OVER":     log.SeverityWarn,
	"OFF":      log.SeverityWarn,
	"BYPASS":   log.SeverityWarn,
	"ALARM":    log.SeverityWarn,
	"NOPARENT": log.SeverityError,
	"LOWBATT":  log.SeverityError,
	"FSD":      log.SeverityError,
	"SHUTDOWN": log.SeverityError,
}

// isUrgent tells whether an event may be among the last there will be: the
// metrics go out with it, too.
func isUrgent(e nut.Event) bool {
	return e.Type == "LOWBATT" || e.Type == "FSD" || e.Type == "SHUTDOWN"
}

const maxText = 4096 // bytes of what others say: an event's text, an error

// record makes a log record of an event. Its event name is the type, as
// NOTIFYCMD gets it.
func record(e nut.Event, now time.Time) log.Record {
	var r log.Record
	r.SetEventName(e.Type)
	r.SetTimestamp(e.Time)
	r.SetObservedTimestamp(now)
	severity, ok := severities[e.Type]
	if !ok {
		severity = log.SeverityInfo
	}
	r.SetSeverity(severity)
	r.SetSeverityText(severity.String())
	body := e.Type
	if e.UPS != "" { // else it is about this host
		r.AddAttributes(text("ups", e.UPS))
		body = e.UPS + ": " + body
	}
	if e.Text != "" {
		about := text("text", clip(e.Text, maxText))
		r.AddAttributes(about)
		body += " " + about.Value.AsString()
	}
	r.SetBody(attribute.StringValue(strings.ToValidUTF8(body, "\uFFFD")))
	return r
}

// clip cuts s to at most n bytes, between runes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
