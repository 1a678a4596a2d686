package monitor

import (
	"time"

	"github.com/wattnut/wattnut/nut"
)

// Input is what a [Machine] is stepped with. The zero Input says that nothing
// is new: only time has passed.
type Input struct {
	// Readings are what is known of the UPSes, in any order. One that is
	// missing has nothing new; one that is not configured is ignored.
	Readings []Reading

	Force    bool // the operator asks for a forced shutdown (upsmon -c fsd)
	Sleep    bool // the host is about to sleep
	Wake     bool // the host has woken
	Orphaned bool // the process that can shut down is gone; as long as it is

	// Jump is by how much the clock was seen to jump where the times of the
	// steps do not show it; 0 if it was not.
	Jump time.Duration
}

// Reading is what is known of one UPS now: levels, not edges, so the same
// Reading may come any number of times.
type Reading struct {
	Name string // of the [UPS]

	// Snapshot is the latest; nil while no attempt to reach the UPS has
	// ended yet. Absent and Stale mean that contact is lost.
	Snapshot *nut.Snapshot

	// Contact is when somebody who knows last vouched for the Snapshot, and
	// must change whenever that happens, also with nothing new: the answer of
	// a server, or a look at a UPS of this agent while its runner keeps it
	// Live. It is not the last poll of the device, which may be longer ago
	// than DEADTIME. Where it is zero, the time of the Snapshot stands in.
	Contact time.Time

	// Forced tells that the server has the forced-shutdown latch set. FSD
	// among the words of the status does the same.
	Forced bool

	// Logins is how many clients are logged in, this host among them, where
	// it is primary: 1 when all others are gone, or when the question cannot
	// be answered; 0 as long as the answer is not in.
	Logins int

	Failures int    // polls in a row that failed
	Failure  string // why the last of them did
}

// heard is when the UPS was last heard, going by r.
func (r *Reading) heard() time.Time {
	if r.Contact.IsZero() && r.Snapshot != nil {
		return r.Snapshot.Time
	}
	return r.Contact
}
