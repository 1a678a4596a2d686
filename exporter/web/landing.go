package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

//go:embed landing.html
var landingText string

//go:embed style.css
var styleText []byte

var landingPage = template.Must(template.New("landing").Parse(landingText))

// view is what the landing page shows.
type view struct {
	Version string
	Good    int // UPSes on mains and in contact
	Rows    []row
}

// row is a UPS on the landing page.
type row struct {
	Name, Desc string
	Class      string // "good", "warn" or "bad", for the colour
	Status     []word
	Charge     string // "87 %"; "" where it is not known, as all below
	Load       string
	Runtime    string
	Age        string
}

// word is one word of the status, with what it means.
type word struct{ Word, Text string }

func (s *Server) landing(w http.ResponseWriter, _ *http.Request) {
	v := view{Version: s.Version}
	now := time.Now()
	if s.Fleet != nil {
		for u := range s.Fleet.All() {
			r := newRow(u, now)
			if r.Class == "good" {
				v.Good++
			}
			v.Rows = append(v.Rows, r)
		}
	}
	var page bytes.Buffer
	if err := landingPage.Execute(&page, v); err != nil {
		http.Error(w, "page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = page.WriteTo(w) // an error means that the reader is gone
}

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(styleText) // an error means that the reader is gone
}

func newRow(u collectors.UPS, now time.Time) row {
	s := u.Snapshot
	r := row{Name: s.UPS, Desc: u.Desc, Age: "never heard"}
	if r.Desc == "" {
		r.Desc = strings.TrimSpace(first(s, "device.mfr", "ups.mfr") + " " + first(s, "device.model", "ups.model"))
	}
	if !u.Contact.IsZero() {
		r.Age = span(max(0, now.Sub(u.Contact)))
	}
	if s.Health != nut.Live {
		r.Class, r.Status = "bad", []word{{s.Health.String(), "There are no fresh data from the device"}}
		return r
	}
	status := s.Status()
	if u.Forced && !status.Has(nut.StatusForced) {
		status = append(nut.Status{nut.StatusForced}, status...)
	}
	r.Class, r.Status = class(status), words(status)
	r.Charge, r.Load = percent(s, "battery.charge"), percent(s, "ups.load")
	if seconds, ok := s.Number("battery.runtime"); ok && seconds >= 0 && seconds < 1e9 {
		r.Runtime = span(time.Duration(seconds) * time.Second)
	}
	return r
}

func first(s *nut.Snapshot, names ...nut.Name) string {
	for _, name := range names {
		if v := s.Value(name); v != "" {
			return v
		}
	}
	return ""
}

// class grades a status: bad is what loses the load, warn is what needs a look.
func class(s nut.Status) string {
	switch {
	case s.Has(nut.StatusForced), s.Has(nut.StatusLowBattery), s.Has(nut.StatusOff), s.Has(nut.StatusOverload):
		return "bad"
	case !s.Has(nut.StatusOnline), s.Has(nut.StatusOnBattery), s.Has(nut.StatusReplace), s.Has(nut.StatusAlarm), s.Has(nut.StatusBypass):
		return "warn"
	}
	return "good"
}

func words(s nut.Status) []word {
	var all []word
	for _, w := range s {
		text := "A word of the device's own"
		for e := range nut.Words() {
			if string(e.Name) == w {
				text = e.Text
			}
		}
		all = append(all, word{w, text})
	}
	return all
}

func percent(s *nut.Snapshot, name nut.Name) string {
	n, ok := s.Number(name)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.0f %%", n)
}

// span writes a time in its two largest units.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = d.Truncate(time.Second); {
	case d >= day:
		return fmt.Sprintf("%d d %d h", d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}
