package monitor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// A history is bytes: a head for the configuration, then four bytes for each
// event: how long before it, what, to which UPS, and more about it.
const (
	headSize  = 8
	eventSize = 4
)

// statuses are what the UPSes of a history say.
var statuses = []string{
	"OL", "OL CHRG", "OB DISCHRG", "OB", "OB LB", "OB LB DISCHRG", "OL LB", "OL RB",
	"OL OFF", "OL BYPASS", "OL CAL", "OB LB CAL", "OL OVER", "ALARM OL", "ALARM OB", "FSD OL",
	"FSD OB LB", "OL TRIM", "OL BOOST", "OL TEST", "CHRG", "OL OB LB", "", "OB OFF",
}

// historyConfig makes the configuration of a history.
func historyConfig(head []byte) Config {
	cfg := Defaults()
	total := 0
	for i := range 1 + int(head[0])%3 {
		b := head[1] >> (2 * i)
		u := UPS{Name: string(rune('a' + i)), Value: int(head[2]>>(2*i)) % 3, Primary: b&1 == 1}
		if head[6]>>5&1 == 1 {
			u.Limits.OnBattery = 30 * time.Second
		}
		if head[6]>>6&1 == 1 {
			u.Agree = Agree{On: true, Charge: 20, For: 10 * time.Second} // nobody gives figures
		}
		cfg.UPSes = append(cfg.UPSes, u)
		total += u.Value
	}
	choose := func(b byte, among ...int) time.Duration {
		return time.Duration(among[int(b)%len(among)]) * time.Second
	}
	cfg.MinSupplies = int(head[3]) % (total + 1)
	cfg.HostSync = choose(head[4], 15, 3, 0, 15)
	cfg.DeadTime = choose(head[4]>>2, 15, 5)
	cfg.FinalDelay = choose(head[4]>>4, 5, 0, 2)
	cfg.LowBattery = choose(head[5], 0, 7, 20)
	cfg.Off = choose(head[5]>>2, 30, -1, 0, 10)
	cfg.Over = choose(head[6], -1, 0, 10)
	cfg.AlarmCritical = head[6]>>4&1 == 0
	cfg.ShutdownExit = choose(head[7], 0, -1, 10)
	cfg.PollFreqAlert = choose(head[7]>>2, 5, 1)
	return cfg
}

// play plays a history to a fresh Machine under an oracle's eyes, and a good
// while of nothing after it.
func playHistory(bytes []byte) (story []string, err error) {
	if len(bytes) < headSize {
		return nil, nil
	}
	h := &history{cfg: historyConfig(bytes), now: noon}
	if h.m, err = New(h.cfg); err != nil {
		return nil, err
	}
	h.oracle = newOracle(h.cfg)
	for _, u := range h.cfg.UPSes {
		h.ups = append(h.ups, &fake{Reading: Reading{Name: u.Name, Logins: 1}, none: true})
	}
	err = h.step(0, false)
	for e := range slices.Chunk(bytes[headSize:], eventSize) {
		if len(e) == eventSize && err == nil {
			err = h.event(e)
		}
	}
	if err == nil {
		h.tell("the end")
		err = h.wait(2 * time.Minute)
	}
	if err == nil && h.oracle.begun && h.oracle.off != 1 {
		err = fmt.Errorf("%d commands", h.oracle.off)
	}
	return h.story, err
}

// history is a history under way.
type history struct {
	cfg    Config
	m      *Machine
	oracle *oracle
	now    time.Time
	ups    []*fake
	in     Input
	story  []string
	polls  time.Duration
}

func (h *history) tell(format string, args ...any) {
	h.story = append(h.story, fmt.Sprintf("%6.1f ", h.now.Sub(noon).Seconds())+fmt.Sprintf(format, args...))
}

func (h *history) event(e []byte) error {
	if err := h.wait(time.Duration(e[0]%64) * time.Duration(e[0]>>6) * 250 * time.Millisecond); err != nil {
		return err
	}
	f := h.ups[int(e[2])%len(h.ups)]
	switch what := e[1] % 32; {
	case what < 14:
		words := statuses[int(e[3])%len(statuses)]
		h.tell("%s says %q", f.Name, words)
		f.say([]string{`"` + words + `"`})
	case what < 22:
		word := []string{"lost", "lost", "absent", "wait", "mute", "nil"}[int(e[3])%6]
		h.tell("%s is %s", f.Name, word)
		f.say([]string{word})
	case what < 25:
		f.Logins = int(e[3]) % 4
		h.tell("%s has %d logins", f.Name, f.Logins)
	case what == 25:
		f.Forced = e[3]&1 == 1 || f.mute // what a server says of its latch while it hangs is not plain
		h.tell("%s is forced: %v", f.Name, f.Forced)
	case what == 26 && e[3]%4 == 0:
		h.tell("operator")
		h.in.Force = true
	case what == 27:
		h.tell("sleep")
		h.in.Sleep = true
		return h.step(0, false)
	case what == 28:
		h.tell("wake")
		h.in.Wake = true
		return h.step(time.Duration(e[3])*time.Minute, true)
	case what == 29:
		h.tell("late or set forward by %d s", 7+int(e[3]))
		return h.step(h.m.Next().Sub(h.now)+time.Duration(7+int(e[3]))*time.Second, true)
	case what == 30:
		h.tell("set back by %d s", 6+int(e[3]))
		return h.step(-time.Duration(6+int(e[3]))*time.Second, true)
	case what == 31:
		h.tell("the same again, %d ms late", e[3])
		return h.step(time.Duration(e[3])*time.Millisecond, false)
	}
	return h.step(0, false)
}

// wait lets time go by, with a step whenever the Machine wants one.
func (h *history) wait(d time.Duration) error {
	for d > 0 {
		gone := d
		if next := h.m.Next(); !next.IsZero() {
			gone = min(d, next.Sub(h.now))
		}
		if gone <= 0 {
			return fmt.Errorf("the next step is due %v ago", -gone)
		}
		d -= gone
		if err := h.step(gone, false); err != nil {
			return err
		}
	}
	return nil
}

// step steps once, after some time, which may be a jump.
func (h *history) step(gone time.Duration, jump bool) error {
	h.now = h.now.Add(gone)
	s := shown{gone: gone, jump: jump, in: h.in, live: map[string][]string{}, tried: map[string]bool{}}
	h.in = Input{}
	for _, f := range h.ups {
		f.Snapshot = nil
		if !f.none {
			f.Snapshot = f.draft.Clone().Freeze(f.Name, f.health, h.now)
			words := strings.Fields(f.draft.Value("ups.status"))
			if f.health == nut.Live && !f.mute && len(words) > 0 {
				h.polls++ // no two polls are at the same time, even if the steps are
				f.Contact = h.now.Add(h.polls)
				s.live[f.Name] = words
			}
			// A poller that hangs and a driver that is not ready are silent without it being told.
			s.tried[f.Name] = !f.mute && f.health != nut.Waiting
		}
		s.in.Readings = append(s.in.Readings, f.Reading)
	}
	s.actions = h.m.Step(h.now, s.in)
	for _, a := range s.actions {
		h.tell("  -> %T%v", a, a)
	}
	return h.oracle.see(s)
}

// shrink leaves out of a failing history what it fails without.
func shrink(bytes []byte) []byte {
	for size := len(bytes) / eventSize / 2; size > 0; size /= 2 {
		for at := headSize; at+size*eventSize <= len(bytes); {
			less := slices.Concat(bytes[:at], bytes[at+size*eventSize:])
			if _, err := playHistory(less); err != nil {
				bytes = less
			} else {
				at += size * eventSize
			}
		}
	}
	return bytes
}

func complain(t *testing.T, bytes []byte) {
	t.Helper()
	bytes = shrink(bytes)
	story, err := playHistory(bytes)
	t.Errorf("%v\nhistory %x\nof %+v\n%s", err, bytes, historyConfig(bytes), strings.Join(story, "\n"))
}

// Random histories never make the Machine do what it must not, or leave undone
// what it must do.
func TestHistories(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for i := range histories(t) {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		bytes := make([]byte, headSize+eventSize*(1+r.IntN(40)))
		for j := range bytes {
			bytes[j] = byte(r.Uint32())
		}
		if _, err := playHistory(bytes); err != nil {
			t.Errorf("history %d of seed %d", i, seed)
			complain(t, bytes)
			return
		}
	}
}

func histories(t *testing.T) int {
	t.Helper()
	if testing.Short() {
		return 100
	}
	return 1000
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte("\x00\x01\x01\x01\x00\x00\x00\x00" + "\x40\x00\x00\x04"))
	f.Add([]byte("\x01\x03\x05\x02\x00\x00\x00\x00" + "\x40\x00\x00\x03" + "\x50\x0e\x00\x00"))
	f.Fuzz(func(t *testing.T, bytes []byte) {
		if len(bytes) > 1000 {
			return
		}
		if _, err := playHistory(bytes); err != nil {
			complain(t, bytes)
		}
	})
}
