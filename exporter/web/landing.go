package web

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
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
	Good    int      // UPSes on mains and in contact
	Others  []tally  // what the rest of them are, the worst first
	Links   []string // to further pages
	Rows    []row
}

// tally is how many UPSes are in a state.
type tally struct {
	State string
	Class string
	Count int
}

// row is a UPS on the landing page.
type row struct {
	Name, Desc string
	Class      string // "good", "warn" or "bad", for the colour
	State      string // in words: "On battery"
	Status     []word
	Alarm      string // what the alarm is about
	Charge     string // "87"; "" where it is not known, as all below
	Low        string // the charge that is low
	Load       string
	Power      string // "120 W"
	Runtime    string
	Age        string
}

// word is one word of the status, with what it means.
type word struct{ Word, Text string }

func (s *Server) landing(w http.ResponseWriter, _ *http.Request) {
	v := view{Version: s.Version, Links: s.links()}
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
	v.Others = others(v.Rows)
	var page bytes.Buffer
	if err := landingPage.Execute(&page, v); err != nil {
		http.Error(w, "page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = page.WriteTo(w) // an error means that the reader is gone
}

// links are to the pages that need no more than their path.
func (s *Server) links() []string {
	all := []string{"metrics", "healthz", "readyz"}
	for _, path := range slices.Sorted(maps.Keys(s.Pages)) {
		if !strings.Contains(path, "{") && path != "/probe" {
			all = append(all, strings.TrimPrefix(path, "/"))
		}
	}
	return all
}

// others counts the UPSes that are not well by their state.
func others(rows []row) []tally {
	var all []tally
	for _, r := range rows {
		i := slices.IndexFunc(all, func(t tally) bool { return t.State == r.State && t.Class == r.Class })
		switch {
		case r.Class == "good":
		case i < 0:
			all = append(all, tally{r.State, r.Class, 1})
		default:
			all[i].Count++
		}
	}
	slices.SortStableFunc(all, func(a, b tally) int { return cmp.Compare(a.Class, b.Class) }) // bad, then warn
	return all
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
		r.Class, r.State, r.Status = "bad", "No contact", []word{{s.Health.String(), "There are no fresh data from the device"}}
		return r
	}
	status := s.Status()
	if u.Forced && !status.Has(nut.StatusForced) {
		status = append(nut.Status{nut.StatusForced}, status...)
	}
	r.State, r.Class = state(status)
	r.Status, r.Alarm = words(status), s.Value("ups.alarm")
	r.Charge, r.Low, r.Load = whole(s, "battery.charge"), cmp.Or(whole(s, "battery.charge.low"), "20"), whole(s, "ups.load")
	if watts := whole(s, "ups.realpower"); watts != "" {
		r.Power = watts + " W"
	}
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

// states are what a UPS can be, the gravest first: bad is what loses the load, warn
// is what needs a look.
var states = []struct{ word, text, class string }{
	{nut.StatusForced, "Shutting down", "bad"},
	{nut.StatusLowBattery, "Battery low", "bad"},
	{nut.StatusOff, "Off", "bad"},
	{nut.StatusOverload, "Overloaded", "bad"},
	{nut.StatusOnBattery, "On battery", "warn"},
	{nut.StatusBypass, "On bypass", "warn"},
	{nut.StatusReplace, "Replace battery", "warn"},
	{nut.StatusAlarm, "Alarm", "warn"},
	{nut.StatusOnline, "On mains", "good"},
}

// state is what a status comes to.
func state(s nut.Status) (text, class string) {
	for _, is := range states {
		if s.Has(is.word) {
			return is.text, is.class
		}
	}
	return "Unknown", "warn"
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

// whole is a number without what is behind its point; "" where there is none.
func whole(s *nut.Snapshot, name nut.Name) string {
	n, ok := s.Number(name)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.0f", n)
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
