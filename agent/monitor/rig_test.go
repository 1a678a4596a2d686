package monitor

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// rig plays a story to a Machine in fake time, stepping it whenever it asks for
// that and whenever something happens, and notes what it does.
//
// A story is lines of a time in seconds and what happens then:
//
//	0 a OL          a UPS says something: the words of its status
//	5 a lost        contact is lost; also absent, wait, nil (not tried yet), mute (Live, never heard again)
//	6 a forced      the server's latch; unforced
//	7 a logins 2    the answer to QueryLogins
//	8 a battery.charge=10
//	9 a fail 3 gone polls that failed
//	10 force        the operator; also sleep, wake, orphan, adopt, reload
//	11 jump 60      told of a jump
//	12 late 30      nobody steps for so long
//	60              the end
type rig struct {
	t      *testing.T
	m      *Machine
	now    time.Time
	ups    []*fake
	in     Input // for the next step
	orphan bool
	log    []string
	asked  int
	why    string
	reload func(*Config)
}

type fake struct {
	Reading
	health nut.Health
	draft  nut.Draft
	none   bool
	mute   bool
}

func newRig(t *testing.T, cfg Config) *rig {
	t.Helper()
	m, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, m: m, now: noon}
	for _, u := range cfg.UPSes {
		r.add(u.Name)
	}
	return r
}

func (r *rig) add(name string) {
	f := &fake{Reading: Reading{Name: name, Logins: 1}, none: true}
	r.ups = append(r.ups, f)
}

// config reads "a=1p b=1s c=0p": names, power values, primary or secondary.
func config(upses string) Config {
	cfg := Defaults()
	for word := range strings.FieldsSeq(upses) {
		name, rest, _ := strings.Cut(word, "=")
		value, _ := strconv.Atoi(rest[:len(rest)-1])
		cfg.UPSes = append(cfg.UPSes, UPS{Name: name, Value: value, Primary: strings.HasSuffix(rest, "p")})
	}
	return cfg
}

func (r *rig) play(story string) {
	for line := range strings.SplitSeq(story, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		at, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			r.t.Fatal(err)
		}
		r.until(noon.Add(time.Duration(at * float64(time.Second))))
		if len(words) > 1 {
			r.happen(words[1:])
		}
	}
	r.step()
}

// until steps as the Machine asks, up to at but not at it.
func (r *rig) until(at time.Time) {
	for at.After(r.now) {
		r.step()
		next := r.m.Next()
		switch {
		case next.IsZero(), !next.Before(at):
			r.now = at
		case !next.After(r.now):
			r.t.Fatalf("at %v the next step is at %v", r.now, next)
		default:
			r.now = next
		}
	}
}

func (r *rig) happen(words []string) {
	switch words[0] {
	case "force":
		r.in.Force = true
	case "sleep":
		r.in.Sleep = true
	case "wake":
		r.in.Wake = true
	case "orphan", "adopt":
		r.orphan = words[0] == "orphan"
	case "jump":
		r.in.Jump = seconds(words[1])
	case "late":
		r.step()
		r.now = r.now.Add(seconds(words[1]))
	case "reload":
		cfg := r.m.cfg
		cfg.UPSes = slices.Clone(cfg.UPSes)
		r.reload(&cfg)
		if err := r.m.Reload(cfg); err != nil {
			r.log = append(r.log, r.stamp()+" "+err.Error())
		}
		for _, u := range cfg.UPSes {
			if !slices.ContainsFunc(r.ups, func(f *fake) bool { return f.Name == u.Name }) {
				r.add(u.Name)
			}
		}
	default:
		i := slices.IndexFunc(r.ups, func(f *fake) bool { return f.Name == words[0] })
		r.ups[i].say(words[1:])
	}
}

func (f *fake) say(words []string) {
	switch words[0] {
	case "nil":
		f.none = true
	case "lost":
		f.health, f.none = nut.Stale, false
	case "absent":
		f.health, f.none = nut.Absent, false
	case "wait":
		f.health, f.none = nut.Waiting, false
	case "mute":
		f.mute = true
	case "forced", "unforced":
		f.Forced = words[0] == "forced"
	case "logins":
		f.Logins, _ = strconv.Atoi(words[1])
	case "fail":
		f.Failures, _ = strconv.Atoi(words[1])
		f.Failure = strings.Join(words[2:], " ")
	default:
		if name, value, ok := strings.Cut(strings.Join(words, " "), "="); ok {
			f.draft.Set(nut.Name(name), value)
			return
		}
		f.health, f.none, f.mute = nut.Live, false, false
		f.draft.SetStatus(strings.Trim(strings.Join(words, " "), `"`))
	}
}

func (r *rig) step() []Action {
	in := r.in
	in.Orphaned = r.orphan
	r.in = Input{}
	for _, f := range r.ups {
		if !f.none {
			f.Snapshot = f.draft.Clone().Freeze(f.Name, f.health, r.now)
			if f.health == nut.Live && !f.mute {
				f.Contact = r.now
			}
		} else {
			f.Snapshot = nil
		}
		in.Readings = append(in.Readings, f.Reading)
	}
	actions := r.m.Step(r.now, in)
	for _, a := range actions {
		if text := r.describe(a); text != "" {
			r.log = append(r.log, r.stamp()+" "+text)
		}
	}
	return actions
}

func (r *rig) stamp() string {
	return strconv.FormatFloat(r.now.Sub(noon).Seconds(), 'f', -1, 64)
}

func (r *rig) describe(a Action) string {
	switch a := a.(type) {
	case Notify:
		text := a.Type.String()
		if a.UPS != "" {
			text += " " + a.UPS
		}
		if a.Type == Shutdown {
			r.why = a.Text
		} else if a.Text != "" {
			text += " [" + a.Text + "]"
		}
		return text
	case LogPollFailure:
		return fmt.Sprintf("log %s %d %s", a.UPS, a.Count, a.Reason)
	case SetFSD:
		return "setfsd " + a.UPS
	case QueryLogins:
		r.asked++
		return ""
	case PowerOff:
		return "POWEROFF"
	case Exit:
		return "EXIT"
	}
	return "unknown action"
}

func seconds(s string) time.Duration {
	f, _ := strconv.ParseFloat(s, 64)
	return time.Duration(f * float64(time.Second))
}

// rule is a row of a table of rules: a story, and all that the Machine does.
type rule struct {
	name   string
	upses  string // "a=1p" if empty
	set    func(*Config)
	reload func(*Config)
	story  string
	want   string // actions, separated by semicolons
	why    string // of the shutdown, if the row asks for it
}

func check(t *testing.T, rules []rule) {
	t.Helper()
	for _, tt := range rules {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config(cmp.Or(tt.upses, "a=1p"))
			if tt.set != nil {
				tt.set(&cfg)
			}
			r := newRig(t, cfg)
			r.reload = tt.reload
			r.play(tt.story)
			if got := strings.Join(r.log, "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if tt.why != "" && r.why != tt.why {
				t.Errorf("shut down because of %q, want %q", r.why, tt.why)
			}
		})
	}
}
