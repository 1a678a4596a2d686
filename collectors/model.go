package collectors

import (
	"iter"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// Kind is how the numbers of a family behave.
type Kind uint8

const (
	// Gauge goes up and down.
	Gauge Kind = iota
	// Counter only goes up, and starts at zero with the process, or is kept over
	// restarts as a [History] is.
	Counter
	// Histogram counts how often something was how much, since the process began.
	// Its samples have a [Distribution].
	Histogram
)

// Desc describes a metric family. Descs are shared: nobody may write to one.
type Desc struct {
	Name   string   // as Prometheus has it: "nut_battery_charge_ratio"
	Help   string   // one line for people
	Kind   Kind     // Gauge unless it says otherwise
	Unit   string   // the base unit in the name: "seconds"; "" for none
	Labels []string // the names of the labels, the same for each sample

	dotted string // Name with dots between the words of a path; "" for behind the first two
	whole  bool   // another family differs in nothing but the unit, see OTel
}

// Sample is one number of a family.
type Sample struct {
	Desc   *Desc
	Labels []string // the values of Desc.Labels, in their order
	Value  float64  // never NaN; not of a Histogram

	Distribution *Distribution // of a Histogram, and else nil
}

// Distribution is what a Histogram has counted.
type Distribution struct {
	Bounds []float64 // up to where each class goes, ascending, the same for all of a family; one more class is above the last
	Counts []uint64  // of each class alone, so one more than there are bounds
	Sum    float64   // of all that was counted
}

// Count is how often anything was counted.
func (d *Distribution) Count() uint64 {
	var all uint64
	for _, n := range d.Counts {
		all += n
	}
	return all
}

// Source yields samples whenever it is asked: what a server has counted, what
// a fleet says. Samples may be called from any goroutine, must not wait, and
// yields no two samples of the same name and labels.
type Source interface{ Samples() iter.Seq[Sample] }

// UPS is one UPS as an exporter sees it.
type UPS struct {
	Snapshot *nut.Snapshot // the latest
	Desc     string        // as configured; often ""
	Contact  time.Time     // when its device was last heard; zero for never
	Forced   bool          // whether a forced shutdown was ordered at the server
	Texts    bool          // whether to tell what is no number too, see [Texts]
}

// Fleet is all UPSes, in the order to show them in. All may be called from any
// goroutine and must not wait. Names differ in more than case.
type Fleet interface{ All() iter.Seq[UPS] }
