package otlp

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/wattnut/wattnut/nut"
)

func TestRecord(t *testing.T) {
	at := time.Unix(1000, 0)
	tests := []struct {
		event    nut.Event
		severity log.Severity
		body     string
		labels   string
	}{
		{nut.Event{Type: "ONBATT", UPS: "rack"}, log.SeverityWarn, "rack: ONBATT", "ups=rack"},
		{nut.Event{Type: "ONLINE", UPS: "rack"}, log.SeverityInfo, "rack: ONLINE", "ups=rack"},
		{nut.Event{Type: "FSD", UPS: "rack"}, log.SeverityError, "rack: FSD", "ups=rack"},
		{nut.Event{Type: "SHUTDOWN"}, log.SeverityError, "SHUTDOWN", ""},
		{nut.Event{Type: "ALARM", UPS: "r\xff", Text: "Hot\xff."}, log.SeverityWarn, "r\uFFFD: ALARM Hot\uFFFD.", "ups=r\uFFFD,text=Hot\uFFFD."},
		{nut.Event{Type: "NEWS", UPS: "rack"}, log.SeverityInfo, "rack: NEWS", "ups=rack"},
	}
	for _, tt := range tests {
		tt.event.Time = at
		r := record(tt.event, at.Add(time.Second))
		var labels []string
		r.WalkAttributes(func(kv attribute.KeyValue) bool {
			labels = append(labels, string(kv.Key)+"="+kv.Value.AsString())
			return true
		})
		if r.EventName() != tt.event.Type || r.Severity() != tt.severity || r.SeverityText() != tt.severity.String() ||
			r.Body().AsString() != tt.body || strings.Join(labels, ",") != tt.labels ||
			!r.Timestamp().Equal(at) || !r.ObservedTimestamp().Equal(at.Add(time.Second)) {
			t.Errorf("%+v: got %s %v %q %q", tt.event, r.EventName(), r.Severity(), r.Body().AsString(), labels)
		}
	}
}

func TestRecordIsBounded(t *testing.T) {
	r := record(nut.Event{Type: "ALARM", Text: strings.Repeat("é", 1<<20)}, time.Now())
	if s := r.Body().AsString(); len(s) > 2*maxText || !utf8.ValidString(s) {
		t.Errorf("%d bytes", len(s))
	}
}

func TestUrgent(t *testing.T) {
	for kind, want := range map[string]bool{"LOWBATT": true, "FSD": true, "SHUTDOWN": true, "ONBATT": false} {
		if isUrgent(nut.Event{Type: kind}) != want {
			t.Errorf("%s: want %t", kind, want)
		}
	}
}
