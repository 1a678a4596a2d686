package history

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// maxOutages is how many outages of a UPS are kept, the latest.
const maxOutages = 100

// History has the accounts of all UPSes. Make one with [Open], and Run it. Its
// methods may be called from any goroutine; those of the accounts never wait
// for the disk.
type History struct {
	log  *slog.Logger
	file *file         // of Run; nil for none
	kick chan struct{} // something must be written

	mu      sync.Mutex
	entries map[string]*entry // by name in lower case
}

// entry is one UPS. Its mutex is that of the History.
type entry struct {
	account Account
	past    []Outage
	last    *nut.Snapshot // what account has been told of last; nil for not followed
	saved   mark          // of what the file has
	wrote   time.Time     // when
}

// mark tells states of an entry apart.
type mark struct {
	news news
	sums [3]float64 // what grows with time
}

// news is worth being written at once.
type news struct {
	transfer, tested, past int64 // when
	cause                  Cause // of the present outage
}

// Observe counts a new snapshot.
func (h *History) Observe(s *nut.Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.step(h.entry(s.UPS), s, time.Now())
}

// Of returns the account of a UPS as it is at the time now, and its past
// outages, from the first to the last. All is zero for a UPS that was never seen.
func (h *History) Of(ups string, now time.Time) (Account, []Outage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entries[strings.ToLower(ups)]
	if e == nil {
		return Account{}, nil
	}
	account := e.account.clone()
	if e.last != nil {
		account.Step(e.last, e.last, now)
	}
	return account, slices.Clone(e.past)
}

// entry returns that of a UPS, a new one if there was none.
func (h *History) entry(ups string) *entry {
	key := strings.ToLower(ups)
	e := h.entries[key]
	if e == nil {
		e = new(entry)
		e.saved = e.mark()
		h.entries[key] = e
	}
	return e
}

// step brings an entry to the present.
func (h *History) step(e *entry, next *nut.Snapshot, now time.Time) {
	over := e.account.Step(e.last, next, now)
	e.last = next
	if over != nil {
		e.past = append(e.past, *over)
		e.past = slices.Clone(e.past[max(0, len(e.past)-maxOutages):])
		h.log.Info("outage is over", "ups", next.UPS, "cause", string(over.Cause), "start", over.Start,
			"on_battery", over.OnBattery.Round(time.Second), "end_seen", !over.EndUnseen)
	}
	if e.mark().news == e.saved.news {
		return
	}
	select {
	case h.kick <- struct{}{}:
	default:
	}
}

func (e *entry) mark() mark {
	a := &e.account
	m := mark{
		news: news{transfer: a.LastTransfer.UnixNano(), tested: a.Tested.UnixNano()},
		sums: [3]float64{a.Measured, a.Estimated, a.OnBattery.Seconds()},
	}
	if a.Outage != nil {
		m.news.cause = a.Outage.Cause
	}
	if n := len(e.past); n > 0 {
		m.news.past = e.past[n-1].Start.UnixNano()
	}
	return m
}
