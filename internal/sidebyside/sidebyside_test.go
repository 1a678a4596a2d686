package sidebyside

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/testenv"
)

// quick is a configuration for people who have no time.
const quick = `MINSUPPLIES 1
POLLFREQ 1
POLLFREQALERT 1
HOSTSYNC 3
DEADTIME 5
FINALDELAY 0
NOCOMMWARNTIME 60
RBWARNTIME 3
`

// primary is who watches unless a history says otherwise.
const primary = "MONITOR $UPS1 1 mon m0n primary\n"

// TestSideBySide goes through each history with both upsmons at once, at the
// distribution's upsd and at ours. They tell the same, in words and order, and
// come to the same decision, but for the differences that the history knows.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	for name, upsd := range map[string]string{"their upsd": theirs(t, "upsd"), "our upsd": ours("upsd")} {
		for _, h := range histories() {
			t.Run(h.name+" at "+name, func(t *testing.T) {
				t.Parallel()
				theirs, ours := h.happens(t, upsd)
				for kind := range strings.FieldsSeq(h.chance) {
					strike(&theirs, kind+"*")
					strike(&ours, kind+"*")
				}
				for _, fault := range append(contrast(theirs, ours, h.differs), late(theirs, ours, h.differs)...) {
					t.Error(fault)
				}
				if t.Failed() {
					t.Logf("theirs:\n%sours:\n%s", show(theirs), show(ours))
				}
			})
		}
	}
}

// happens goes through a history and returns both diaries.
func (h *history) happens(t *testing.T, upsd string) (theirs, ours []event) {
	t.Helper()
	b := newBench(t, upsd, cmp.Or(h.monitor, primary)+quick+h.conf)
	if h.monitor == "" {
		b.logins("one", 1)
	}
	rest(t, 1200*time.Millisecond) // the first poll has been
	for _, step := range h.steps {
		step(b)
	}
	diaries := [2][]event{}
	for i, w := range b.watchers {
		if n := w.did(down); n > 1 {
			t.Errorf("%s shut down %d times", sides[i], n)
		}
		diaries[i] = w.diary(sides[i], b.server.addr)
	}
	return diaries[0], diaries[1]
}

// diary is what a watcher did, with the names that both sides share, and whether
// it has ended by itself.
func (w *watcher) diary(side, addr string) []event {
	w.Helper()
	if w.did(down) > 0 {
		rest(w, time.Second) // for its process to end
	}
	events := w.events()
	if !w.process.alive() {
		events = append(events, event{at: uptime(w), kind: ends})
	}
	plain := strings.NewReplacer("."+side+"@"+addr, "")
	for i := range events {
		events[i].ups = plain.Replace(events[i].ups)
		events[i].text = plain.Replace(events[i].text)
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	return events
}

func show(diary []event) string {
	var b strings.Builder
	for _, e := range diary {
		b.WriteString("\t" + e.at.String() + " " + e.kind + " " + e.ups + " " + e.text + "\n")
	}
	return b.String()
}

// TestReasons finds each difference that a history knows in the document.
func TestReasons(t *testing.T) {
	text := read(t, testenv.Root(t)+"/docs/differences-upsmon.md") + read(t, testenv.Root(t)+"/docs/upsmon-extras.md")
	for _, h := range histories() {
		for _, d := range h.differs {
			if !strings.Contains(text, "\n| "+d.row+" |") {
				t.Errorf("%s: no row %q in docs/differences-upsmon.md", h.name, d.row)
			}
		}
	}
}
