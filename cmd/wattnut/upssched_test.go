//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

// needUpssched is NUT's. By its name alone, PATH has ours: see TestMain.
func needUpssched(t *testing.T) string {
	t.Helper()
	return testenv.Need(t, "/usr/sbin/upssched")
}

// recorder is a CMDSCRIPT that writes down how it is called.
const recorder = `#!/bin/sh
line=$#
for a; do line="$line <$a>"; done
echo "$line|${UPSNAME-none}|${NOTIFYTYPE-none}|${NOTIFYMSG-none}" >>"${0%/*}/ran"
`

// upssched is a folder with an upssched.conf, in which programs are called.
type upssched struct {
	dir string
}

func newUpssched(t *testing.T, rules string) upssched {
	t.Helper()
	u := upssched{nuttest.ShortDir(t)}
	text := strings.ReplaceAll("CMDSCRIPT DIR/cmd\nPIPEFN DIR/pipe\nLOCKFN DIR/lock\n"+rules+"\n", "DIR", u.dir)
	for name, file := range map[string]struct {
		text string
		mode os.FileMode
	}{"upssched.conf": {text, 0o600}, "cmd": {recorder, 0o700}, "ran": {"", 0o600}} {
		if err := os.WriteFile(u.path(name), []byte(file.text), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	return u
}

func (u upssched) path(name string) string { return filepath.Join(u.dir, name) }

// ran is what was run so far: the words behind the script, UPSNAME, NOTIFYTYPE
// and NOTIFYMSG.
func (u upssched) ran() []string {
	text, _ := os.ReadFile(u.path("ran"))
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// call calls an upssched as upsmon does for an event, "ONBATT ups"; none for
// "". program is a path, or "" for ours.
func (u upssched) call(t *testing.T, program, event string, args ...string) result {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, args...)
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		c.Path, c.Args[0], c.Err = self, "upssched", nil // TestMain knows it by that
	}
	c.Env = append(os.Environ(), "NUT_CONFPATH="+u.dir, "GORACE=atexit_sleep_ms=0")
	if kind, ups, ok := strings.Cut(event, " "); ok {
		c.Env = append(c.Env, "NOTIFYTYPE="+kind, "UPSNAME="+ups)
	}
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	c.WaitDelay = 5 * time.Second // NUT's daemon may keep them
	c.Run()                       // the exit code tells
	return result{stdout.String(), stderr.String(), c.ProcessState.ExitCode()}
}

// play plays events, and numbers of seconds to wait between them.
func (u upssched) play(t *testing.T, program, events string) (codes []int) {
	t.Helper()
	for e := range strings.SplitSeq(events, ", ") {
		var seconds float64
		if _, err := fmt.Sscan(e, &seconds); err == nil {
			<-time.After(time.Duration(seconds * float64(time.Second)))
			continue
		}
		kind, ups, _ := strings.Cut(e, " ")
		codes = append(codes, u.call(t, program, e, "UPS "+ups+": "+kind).code)
	}
	return codes
}

// The events are played to NUT's upssched 2.8.0 and to ours at the same time.
// Both must run the same; where that is not so, ours is what we run, and
// docs/differences-upssched.md has the reason.
func TestUpsschedIsAsNUTs(t *testing.T) {
	nuts := needUpssched(t)
	const outage = "AT ONBATT * START-TIMER down 2\nAT ONLINE * CANCEL-TIMER down\nAT COMMOK * CANCEL-TIMER down back"
	tests := []struct {
		name, rules, events string
		theirs              string   // without NOTIFYMSG, which 2.8.0 does not have
		ours                []string // if it is not theirs
	}{
		{"execute", "AT ONBATT * EXECUTE x\nAT ONBATT a@h EXECUTE y\nAT ONBATT b@h EXECUTE z", "ONBATT a@h, ONBATT b@h", "1 <x>|a@h|ONBATT,1 <y>|a@h|ONBATT,1 <x>|b@h|ONBATT,1 <z>|b@h|ONBATT", nil},
		{"no match", "AT ONBATT * EXECUTE x\nAT ONLINE b@h EXECUTE y", "ONLINE a@h, FSD a@h", "", nil},
		{"any case", "AT onbatt * EXECUTE x\nAT ONBATT A@h EXECUTE y", "ONBATT a@h", "1 <x>|a@h|ONBATT", nil},
		{"timer", outage, "ONBATT a@h, 3", "1 <down>|a@h|ONBATT", nil},
		{"cancelled", outage, "ONBATT a@h, ONLINE a@h, 3", "", nil},
		{"cancelled for another", outage, "ONBATT a@h, ONLINE b@h, 3", "", nil},
		{"cancel without a daemon", outage, "ONLINE a@h", "", nil},
		{"command without a daemon", outage, "COMMOK a@h", "1 <back>|a@h|COMMOK", nil},
		{"cancel or command", outage, "ONBATT a@h, COMMOK a@h, 3", "", nil},
		{"cancel too late", outage, "ONBATT a@h, 3, COMMOK a@h, 0.5", "1 <down>|a@h|ONBATT,1 <back>|a@h|COMMOK", nil},
		{"no seconds", "AT ONBATT * START-TIMER x 0", "ONBATT a@h, 1.5", "1 <x>|a@h|ONBATT", nil},
		{"seconds and more", "AT ONBATT * START-TIMER x 1s", "ONBATT a@h, 2", "1 <x>|a@h|ONBATT", nil},
		{"in their order", "AT ONBATT * START-TIMER x 3\nAT ONBATT * START-TIMER y 1", "ONBATT a@h, 4", "1 <y>|a@h|ONBATT,1 <x>|a@h|ONBATT", nil},
		{"twice", outage, "ONBATT a@h, ONBATT a@h, 3", "1 <down>|a@h|ONBATT,1 <down>|a@h|ONBATT", nil},
		// What differs:
		{
			"a timer of another UPS", outage, "ONBATT a@h, 1, ONBATT b@h, 3", "1 <down>|a@h|ONBATT,1 <down>|a@h|ONBATT",
			[]string{"1 <down>|a@h|ONBATT", "1 <down>|b@h|ONBATT"},
		},
		{"cancel of two", outage, "ONBATT a@h, ONBATT b@h, ONLINE a@h, 3", "1 <down>|a@h|ONBATT", []string{""}},
		{"blanks", `AT ONBATT * EXECUTE "x y"`, "ONBATT a@h", "2 <x> <y>|a@h|ONBATT", []string{"1 <x y>|a@h|ONBATT"}},
		{"a shell's", `AT ONBATT * EXECUTE "x;echo>>DIR/y"`, "ONBATT a@h", "1 <x>|a@h|ONBATT", []string{"1 <x;echo>>DIR/y>|a@h|ONBATT"}},
		{
			"words of 2.8.5", "AT ONBATT * START-TIMER-SHARED x 1\nAT ONBATT * CANCEL-TIMER-MATCHED y z", "ONBATT a@h, ONBATT b@h, 2", "",
			[]string{"1 <z>|a@h|ONBATT", "1 <z>|b@h|ONBATT", "1 <x>|a@h,b@h|ONBATT"},
		},
		{"no number", "AT ONBATT * START-TIMER x soon", "ONBATT a@h, 1.5", "1 <x>|a@h|ONBATT", []string{""}},
	}
	played := make([]duel, len(tests))
	var all sync.WaitGroup
	room := make(chan struct{}, 8) // NUT's daemon keeps a processor busy while it waits
	for i, tt := range tests {
		d := &played[i]
		d.theirs, d.ours = newUpssched(t, tt.rules), newUpssched(t, tt.rules)
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			d.play(t, nuts, tt.events)
		})
	}
	all.Wait()
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.ours == nil {
				tt.ours = strings.Split(tt.theirs, ",")
			}
			played[i].check(t, strings.Split(tt.theirs, ","), tt.ours)
		})
	}
}

// duel is NUT's upssched and ours, each with a folder of its own.
type duel struct {
	theirs, ours         upssched
	theirCodes, ourCodes []int
}

func (d *duel) play(t *testing.T, nuts, events string) {
	t.Helper()
	var both sync.WaitGroup
	both.Go(func() { d.theirCodes = d.theirs.play(t, nuts, events) })
	both.Go(func() { d.ourCodes = d.ours.play(t, "", events) })
	both.Wait()
}

func (d *duel) check(t *testing.T, theirs, ours []string) {
	t.Helper()
	if got := d.theirs.without(); !slices.Equal(got, theirs) {
		t.Errorf("theirs %q, want %q", got, theirs)
	}
	if got := d.ours.without(); !slices.Equal(got, ours) {
		t.Errorf("ours %q, want %q", got, ours)
	}
	if !slices.Equal(d.theirCodes, d.ourCodes) {
		t.Errorf("exit codes: theirs %d, ours %d", d.theirCodes, d.ourCodes)
	}
}

// without is ran without NOTIFYMSG, and with DIR for the folder.
func (u upssched) without() []string {
	ran := u.ran()
	for i, line := range ran {
		line, _, _ = cutLast(line, "|")
		ran[i] = strings.ReplaceAll(line, u.dir, "DIR")
	}
	return ran
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}

// awaitRan waits until all of want has been run.
func (u upssched) awaitRan(t *testing.T, want ...string) {
	t.Helper()
	nuttest.Await(t, func() error {
		if got := u.ran(); !slices.Equal(got, want) {
			return fmt.Errorf("ran %q, want %q", got, want)
		}
		return nil
	})
}

const mixed = "AT ONBATT * START-TIMER down 5\nAT ONLINE * CANCEL-TIMER down\nAT LOWBATT * START-TIMER low 3"

// Our client with NUT's daemon.
func TestUpsschedWithTheirDaemon(t *testing.T) {
	t.Parallel()
	nuts := needUpssched(t)
	u := newUpssched(t, mixed+"\nAT ALARM * START-TIMER-SHARED all 1\n")
	for _, step := range []struct {
		program, event string
		code           int
		stderr         string
	}{
		{nuts, "ONBATT a", 0, ""},
		{"", "LOWBATT b", 0, ""},
		{"", "ONLINE b", 0, ""}, // not before: it quits at once where nothing is left
		{"", "ALARM b", 1, `upssched: START-TIMER-SHARED all: the daemon answers "ERR UNKNOWN"`},
	} {
		if got := u.call(t, step.program, step.event, "a message"); got.code != step.code || !strings.HasPrefix(got.stderr, step.stderr) {
			t.Errorf("%s: %+v", step.event, got)
		}
	}
	if got := u.call(t, "", "", "-l"); got.code != 1 || !strings.Contains(got.stderr, "ERR UNKNOWN") {
		t.Errorf("-l: %+v", got)
	}
	u.awaitRan(t, "1 <low>|a|ONBATT|none") // as 2.8.0 tells it: of the event that started the daemon
}

// NUT's client with our daemon.
func TestUpsschedWithTheirClient(t *testing.T) {
	t.Parallel()
	nuts := needUpssched(t)
	u := newUpssched(t, mixed)
	for _, step := range []struct{ program, event string }{
		{"", "ONBATT a"}, {nuts, "LOWBATT b"}, {nuts, "ONLINE b"},
	} {
		if got := u.call(t, step.program, step.event, "a message"); got.code != 0 {
			t.Errorf("%s: %+v", step.event, got)
		}
	}
	rows := u.call(t, "", "", "-l")
	if fields := strings.Split(rows.stdout, "\t"); rows.code != 0 || len(fields) != 6 || fields[0] != "low" || fields[3] != `""` {
		t.Errorf("-l: %+v", rows)
	}
	u.awaitRan(t, "1 <low>|none|none|none") // 2.8.0's client tells no more
}

// Processes that come at once, over what a dead daemon left, make one daemon.
func TestUpsschedRace(t *testing.T) {
	t.Parallel()
	u := newUpssched(t, "AT ONBATT * START-TIMER down 3\nAT ONLINE * CANCEL-TIMER down\n")
	old := time.Now().Add(-time.Minute)
	if err := os.WriteFile(u.path("lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(u.path("lock"), old, old); err != nil {
		t.Fatal(err)
	}
	var clients sync.WaitGroup
	const many = 12
	for i := range many {
		clients.Go(func() {
			if got := u.call(t, "", fmt.Sprint("ONBATT ups", i), "m"); got.code != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
	clients.Wait()
	if got := u.call(t, "", "", "-l"); strings.Count(got.stdout, "\n") != many {
		t.Errorf("timers: %+v", got)
	}
	if got := u.call(t, "", "ONLINE ups1", "m"); got.code != 0 {
		t.Errorf("cancel: %+v", got)
	}
	if got := u.call(t, "", "", "-l"); got != (result{}) {
		t.Errorf("timers after the cancel: %+v", got)
	}
}

func TestUpsschedCommandLine(t *testing.T) {
	t.Parallel()
	good := newUpssched(t, "AT ONBATT * EXECUTE x\nAT ONLINE * EXECUTE fails\nAT ONLINE * EXECUTE too\njunk\n")
	empty := upssched{nuttest.ShortDir(t)}
	early := newUpssched(t, "")
	if err := os.WriteFile(early.path("upssched.conf"), []byte("CMDSCRIPT x\nAT ONBATT * EXECUTE x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		in     upssched
		event  string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{"help", empty, "", []string{"-h"}, 0, "usage: upssched", ""},
		{"version", empty, "", []string{"-V"}, 0, "Network UPS Tools upssched ", ""},
		{"unknown option", empty, "", []string{"-z"}, 1, "", "upssched: invalid option -- 'z'"},
		{"no event", good, "", nil, 1, "", "upssched: UPSNAME and NOTIFYTYPE have to be"},
		{"no file", empty, "ONBATT a", nil, 1, "", "upssched: open " + empty.path("upssched.conf")},
		{"fatal", early, "ONBATT a", nil, 1, "", "upssched: upssched.conf:2: AT: PIPEFN has to stand before it"},
		{"no PIPEFN", early, "", []string{"-l"}, 1, "", "upssched: upssched.conf:2: AT: PIPEFN"},
		{"no daemon", good, "", []string{"-l"}, 1, "", "upssched: no timer runs"},
		{"told", good, "ONBATT a", []string{"-D"}, 0, "", "upssched: upssched.conf:7: "},
		{"another type", good, "FSD a", nil, 0, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.in.call(t, "", tt.event, tt.args...)
			if got.code != tt.code || !strings.HasPrefix(got.stdout, tt.stdout) || !strings.HasPrefix(got.stderr, tt.stderr) ||
				(tt.stderr == "") != (got.stderr == "") {
				t.Errorf("%+v", got)
			}
		})
	}
	good.awaitRan(t, "1 <x>|a|ONBATT|none")
	if err := os.WriteFile(good.path("cmd"), []byte("#!/bin/sh\necho \"$1\"; exit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	got := good.call(t, "", "ONLINE a")
	if got.code != 1 || got.stdout != "fails\ntoo\n" || strings.Count(got.stderr, "exit status 3") != 2 {
		t.Errorf("failing script: %+v", got)
	}
}
