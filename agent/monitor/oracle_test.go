package monitor

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// oracle watches a Machine from outside and says what it may never do and what
// it must do. It is written from the rules alone and shares no code with the
// Machine: it knows only what was shown to it, and which actions came back.
// Where a case is not plain, it holds its tongue.
type oracle struct {
	cfg   Config
	ups   map[string]*plain
	sure  time.Duration // time that passed without doubt: without any jump
	most  time.Duration // time that may have passed at most
	begun bool          // a forced shutdown was seen to begin

	begunSure, begunMost, saidMost time.Duration
	fsd                            map[string]int
	said, off, exits               int
}

// plain is what is plain about one UPS.
type plain struct {
	words   []string      // the last it said, nil if it never did (since the host woke)
	live    bool          // it says so now
	silent  time.Duration // for how long at most its silence may be held against it
	excused bool          // a jump ended that, for once
	since   time.Duration // since when, by sure time, it is in the state it is in
	state   string
	forced  bool
	woken   bool // the host woke just now: what is shown may be from before
	lost    bool // COMMBAD was told
	power   Type // ONBATT or ONLINE, whichever was told last
}

func newOracle(cfg Config) *oracle {
	o := &oracle{cfg: cfg, ups: map[string]*plain{}, fsd: map[string]int{}}
	for _, u := range cfg.UPSes {
		o.ups[u.Name] = &plain{power: typeCount}
	}
	return o
}

// shown is one step: how much time went by, whether that was a jump, what was
// shown, and what came of it.
type shown struct {
	gone    time.Duration
	jump    bool
	in      Input
	live    map[string][]string // the words of those that are heard
	tried   map[string]bool     // those that were tried
	actions []Action
}

func (o *oracle) see(s shown) error {
	o.most += max(s.gone, 0)
	if !s.jump {
		o.sure += max(s.gone, 0)
	}
	for _, r := range s.in.Readings {
		if p := o.ups[r.Name]; p != nil {
			o.look(p, r, s)
		}
	}
	was := o.begun
	if err := o.judge(s); err != nil {
		return err
	}
	switch {
	case o.begun && !was && !s.in.Force && o.sum(o.healthy) >= o.cfg.MinSupplies:
		return fmt.Errorf("shut down while supplies of %d are healthy, and %d needed", o.sum(o.healthy), o.cfg.MinSupplies)
	case s.in.Force && !o.begun:
		return fmt.Errorf("the operator's FSD was lost")
	case !o.begun && o.sum(o.notOverdue) < o.cfg.MinSupplies:
		return fmt.Errorf("still up with supplies of %d, and %d needed", o.sum(o.notOverdue), o.cfg.MinSupplies)
	case o.begun && o.off == 0 && o.sure-o.begunSure > o.cfg.HostSync+o.cfg.FinalDelay+time.Second:
		return fmt.Errorf("no command %v after the shutdown began", o.sure-o.begunSure)
	}
	return nil
}

func (o *oracle) look(p *plain, r Reading, s shown) {
	p.woken = s.in.Wake
	if p.woken {
		*p = plain{forced: p.forced, power: typeCount, woken: true}
	}
	words, live := s.live[r.Name]
	fsd := slices.Contains(words, "FSD")
	p.live = live && !p.woken
	switch {
	case p.live:
		p.words, p.silent, p.forced, p.excused = words, 0, fsd, false
	case !s.jump:
		p.silent += s.gone
	case !p.excused:
		p.silent, p.excused = 0, true
	default:
		p.silent += o.cfg.PollFreq
	}
	p.forced = p.forced || fsd || r.Forced
	state := strings.Join(p.words, " ")
	if !p.live {
		state += " silent"
		if r.Snapshot == nil || !s.tried[r.Name] {
			state += " untold"
		}
	}
	if state != p.state || s.jump || s.in.Wake || s.in.Jump != 0 {
		p.state, p.since = state, o.sure
	}
}

func (o *oracle) sum(counts func(UPS, *plain) bool) int {
	sum := 0
	for _, u := range o.cfg.UPSes {
		if counts(u, o.ups[u.Name]) {
			sum += u.Value
		}
	}
	return sum
}

func (p *plain) has(word string) bool { return slices.Contains(p.words, word) }

// only tells whether the UPS said nothing but these.
func (p *plain) only(words ...string) bool {
	return !slices.ContainsFunc(p.words, func(w string) bool { return !slices.Contains(words, w) })
}

// healthy: nobody could call it critical.
func (o *oracle) healthy(u UPS, p *plain) bool {
	switch {
	case p.forced || p.woken || p.has("OB") == p.has("OL") && p.words != nil:
		return false
	case p.words == nil:
		return true
	case p.has("OL") && p.only("OL", "LB", "RB", "CHRG", "TRIM", "BOOST"):
		return true
	case p.has("OB") && !p.has("CAL") && u.Limits.OnBattery > 0:
		return false
	case p.live && !p.has("OFF"):
		return !p.has("OB") || !p.has("LB") || p.has("CAL")
	case p.has("OB") && p.only("OB", "DISCHRG"):
		return p.silent < o.cfg.DeadTime
	}
	return false
}

// notOverdue: it need not be taken for critical, yet.
func (o *oracle) notOverdue(u UPS, p *plain) bool {
	if p.forced {
		return false
	}
	bound := o.bound(u, p)
	return bound < 0 || o.sure-p.since <= bound+o.cfg.PollFreq+time.Second
}

// bound is after how long in the state it is in a UPS must be critical, or -1.
func (o *oracle) bound(u UPS, p *plain) time.Duration {
	c := o.cfg
	low := c.LowBattery
	if !u.Primary {
		low = max(low, c.HostSync)
	}
	low += u.Agree.For
	battery := p.has("OB") && !p.has("OL") && !p.has("CAL")
	if battery && u.Limits.OnBattery > 0 {
		low = min(low, u.Limits.OnBattery)
	}
	switch {
	case p.words == nil:
	case p.has("OFF") && c.Off >= 0:
		return c.Off
	case battery && p.has("LB"):
		return low + c.DeadTime // silence, if it is silent, may be excused for so long
	case p.live:
	case !strings.HasSuffix(p.state, "untold") && (p.has("BYPASS") || p.has("CAL") || p.has("ALARM") && c.AlarmCritical):
		return 0
	case battery:
		return low + c.DeadTime
	}
	if battery && u.Limits.OnBattery > 0 {
		return u.Limits.OnBattery
	}
	return -1
}

// judge looks at the actions for themselves: each in its order, and once.
func (o *oracle) judge(s shown) error {
	for _, a := range s.actions {
		if o.exits > 0 {
			return fmt.Errorf("%T after Exit", a)
		}
		if err := o.order(a, s); err != nil {
			return err
		}
	}
	return nil
}

func (o *oracle) order(a Action, s shown) error {
	switch a := a.(type) {
	case SetFSD:
		o.begin()
		o.fsd[a.UPS]++
		if o.said > 0 || o.fsd[a.UPS] > 1 {
			return fmt.Errorf("FSD of %s too late, or again", a.UPS)
		}
	case PowerOff:
		o.off++
		if o.off > 1 || o.said != 1 || o.most-o.saidMost < o.cfg.FinalDelay {
			return fmt.Errorf("the %d. command, after %d notices, %v after the first", o.off, o.said, o.most-o.saidMost)
		}
	case Exit:
		o.exits++
		if o.off != 1 || o.cfg.ShutdownExit < 0 {
			return fmt.Errorf("an exit after %d commands", o.off)
		}
	case Notify:
		if a.Type == Shutdown {
			o.begin()
			o.said++
			o.saidMost = o.most
			return o.mayGo(s)
		}
		return o.notice(a)
	}
	return nil
}

func (o *oracle) begin() {
	if !o.begun {
		o.begun, o.begunSure, o.begunMost = true, o.sure, o.most
	}
}

// mayGo: the secondaries go before their primary.
func (o *oracle) mayGo(s shown) error {
	alone := true
	for _, u := range o.cfg.UPSes {
		if !u.Primary {
			continue
		}
		if o.fsd[u.Name] != 1 {
			return fmt.Errorf("the secondaries of %s were not told", u.Name)
		}
		for _, r := range s.in.Readings {
			alone = alone && (r.Name != u.Name || r.Logins == 1)
		}
	}
	if !alone && o.most-o.begunMost < o.cfg.HostSync {
		return fmt.Errorf("went before the secondaries, after %v", o.most-o.begunMost)
	}
	return nil
}

// notice: what is told must be new.
func (o *oracle) notice(a Notify) error {
	p := o.ups[a.UPS]
	switch {
	case p == nil:
	case a.Type == CommBad && p.lost, a.Type == CommOK && !p.lost:
		return fmt.Errorf("%s of %s out of turn", a.Type, a.UPS)
	case a.Type == CommBad || a.Type == CommOK:
		p.lost = a.Type == CommBad
	case a.Type == NoComm && !p.lost:
		return fmt.Errorf("NOCOMM of %s, which is not lost", a.UPS)
	case a.Type == Online || a.Type == OnBattery:
		if p.power == a.Type {
			return fmt.Errorf("%s of %s twice", a.Type, a.UPS)
		}
		p.power = a.Type
	}
	return nil
}
