package sidebyside

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The kinds of events that are no notices.
const (
	down = "DOWN" // SHUTDOWNCMD ran
	ends = "ENDS" // the process ended by itself
)

// event is something that an upsmon did.
type event struct {
	at   time.Duration // since the machine started
	kind string
	ups  string
	text string
}

// watcher is a running upsmon of either kind, with its diary.
type watcher struct {
	*place

	process *process
}

// diary has a script of NOTIFYCMD's and one of SHUTDOWNCMD's write down what
// happens, with no process of their own that could be late.
var diary = files{
	"notify": "#!/bin/sh\nread -r at rest </proc/uptime\necho \"$at|$NOTIFYTYPE|$UPSNAME|$*\" >>$DIR/diary\n",
	"down":   "#!/bin/sh\nread -r at rest </proc/uptime\necho \"$at|" + down + "||\" >>$DIR/diary\n",
}

// old are the kinds of notices of NUT 2.8.0.
const old = "ONLINE ONBATT LOWBATT FSD COMMOK COMMBAD SHUTDOWN REPLBATT NOCOMM NOPARENT CAL"

// recent are those that came since.
const recent = "SHUTDOWN_HOSTSYNC NOTCAL OFF NOTOFF OVER NOTOVER TRIM NOTTRIM BOOST NOTBOOST BYPASS NOTBYPASS ECO NOTECO" +
	" ALARM NOTALARM OTHER NOTOTHER SUSPEND_STARTING SUSPEND_FINISHED SUSPEND_TIMEJUMP_UNEXPECTED"

// watchTheirs starts the distribution's upsmon. It goes by a name of its own,
// since NUT has one PID file for all that share one.
func watchTheirs(p *place, conf string) *watcher {
	p.Helper()
	program := p.path("upsmon-" + filepath.Base(p.dir))
	if err := os.Symlink(theirs(p, "upsmon"), program); err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { os.Remove("/run/nut/" + filepath.Base(program) + ".pid") })
	return watch(p, conf+flags(old), program, "-F", "-p") // one process: its ID is the one to signal
}

// watchOurs starts our upsmon, the guard and its child.
func watchOurs(p *place, conf string) *watcher {
	p.Helper()
	return watch(p, conf+flags(old+" "+recent), ours("upsmon"), "-F", "-u", me(p))
}

// watchInside starts our agent, which serves the UPSes of p and watches them in
// process. The drivers are played, so the program that it looks for is none.
func watchInside(p *place, conf string) *watcher {
	p.Helper()
	p.vars = append(p.vars, "WATTNUT_UPSMON=yes")
	p.write(files{"played": "#!/bin/sh\nexit 1\n", "etc/ups.conf": "driverpath = $DIR\n" + p.read("etc/ups.conf")})
	return watch(p, conf+"RUN_AS_USER "+me(p)+"\n"+flags(old+" "+recent), ours("wattnut"), "agent")
}

// flags has notices go to NOTIFYCMD alone: to no log and to no terminal.
func flags(types string) string {
	var b strings.Builder
	for t := range strings.FieldsSeq(types) {
		b.WriteString("NOTIFYFLAG " + t + " EXEC\n")
	}
	return b.String()
}

func watch(p *place, conf, program string, args ...string) *watcher {
	p.Helper()
	p.write(diary)
	p.write(files{"etc/upsmon.conf": conf + "NOTIFYCMD $DIR/notify\nSHUTDOWNCMD $DIR/down\nPOWERDOWNFLAG $DIR/state/killpower\n"})
	return &watcher{p, p.start(program, args...)}
}

// fsd orders it to shut down.
func (w *watcher) fsd() {
	w.Helper()
	if err := w.process.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		w.Error(err)
	}
}

// events are what it did so far, in order.
func (w *watcher) events() []event {
	w.Helper()
	var all []event
	for line := range strings.Lines(w.read("diary")) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "|", 4)
		seconds, err := strconv.ParseFloat(f[0], 64)
		if err != nil || len(f) != 4 {
			w.Fatalf("diary: %q", line)
		}
		all = append(all, event{time.Duration(seconds * float64(time.Second)), f[1], f[2], f[3]})
	}
	return all
}

// down is when it shut down, at the latest within some time.
func (w *watcher) down(within time.Duration) time.Duration {
	w.Helper()
	end := time.After(within)
	for w.did(down) == 0 {
		select {
		case <-end:
			w.Fatalf("not down after %v: %s", within, show(w.events()))
		case <-time.After(20 * time.Millisecond):
		}
	}
	events := w.events()
	return events[after(events, 0, down)-1].at
}

// did counts the events of a kind.
func (w *watcher) did(kind string) int {
	w.Helper()
	n := 0
	for _, e := range w.events() {
		if e.kind == kind {
			n++
		}
	}
	return n
}
