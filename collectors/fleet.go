package collectors

import (
	"iter"
	"math"
	"time"

	"github.com/wattnut/wattnut/nut"
)

var upDesc = &Desc{
	Name:   "nut_ups_up",
	Help:   "Whether the UPS is in contact and its readings are fresh.",
	Labels: upsLabel,
}

var ageDesc = &Desc{
	Name:   "nut_ups_data_age_seconds",
	Help:   "Time since the device was last heard; +Inf if it never was.",
	Unit:   "seconds",
	Labels: upsLabel,
}

// Contact tells whether a UPS is up and how old its data are. These two are
// always told, whatever state it is in.
func Contact(u UPS, now time.Time) [2]Sample {
	labels := []string{label(u.Snapshot.UPS)}
	age := math.Inf(1)
	if !u.Contact.IsZero() {
		age = max(0, now.Sub(u.Contact).Seconds())
	}
	return [2]Sample{
		{Desc: upDesc, Labels: labels, Value: truth(u.Snapshot.Health == nut.Live)},
		{Desc: ageDesc, Labels: labels, Value: age},
	}
}

// All yields all samples of a UPS.
func (u UPS) All(now time.Time) iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		for _, s := range Contact(u, now) {
			if !yield(s) {
				return
			}
		}
		if info, ok := Info(u); ok && !yield(info) {
			return
		}
		for _, s := range Readings(u.Snapshot, u.Forced) {
			if !yield(s) {
				return
			}
		}
		if !u.Texts {
			return
		}
		for _, s := range Texts(u.Snapshot) {
			if !yield(s) {
				return
			}
		}
	}
}

// WithTexts is a fleet of whose UPSes what is no number is told too.
func WithTexts(f Fleet) Fleet { return talkative{f} }

type talkative struct{ fleet Fleet }

// All implements [Fleet].
func (t talkative) All() iter.Seq[UPS] {
	return func(yield func(UPS) bool) {
		for u := range t.fleet.All() {
			if u.Texts = true; !yield(u) {
				return
			}
		}
	}
}
