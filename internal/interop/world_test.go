package interop

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/internal/transcript"
)

// world is what the recorded dialogues were held in: the configuration, the
// scripted drivers, the distribution's dummy-ups, and a server.
type world struct {
	*site

	server *process
	dummy  *process
	ids    transcript.IDs
	others []*peer // clients beside the one of the dialogue
	read   int     // times that the configuration was read again
}

// newWorld starts a server among the drivers of the recordings. More lines of
// upsd.conf may be given.
func newWorld(s *site, upsd, directives string) *world {
	s.Helper()
	w := &world{site: s}
	scripts := filepath.Join(testenv.Shared(s), "transcripts")
	if r := s.run("sh", filepath.Join(scripts, "config.sh"), s.dir, s.port, "/usr/share/nut", directives); r.code != 0 {
		s.Fatalf("config.sh: %+v", r)
	}
	s.start(theirs(s, "python3"), filepath.Join(scripts, "drivers.py"), s.state(""), filepath.Join(s.dir, "log"))
	w.dummy = s.start(theirs(s, "dummy-ups"), "-F", "-u", me(s), "-a", "dummy")
	for _, socket := range []string{"ctl", "dummy-ups-dummy"} {
		nuttest.Await(s, func() error { _, err := os.Stat(s.state(socket)); return err })
	}
	w.server = s.start(upsd, "-F", "-u", me(s))
	for _, ups := range []string{"dummy", "fake", "nodesc", "clog", "onbatt", "mute"} {
		nuttest.Await(s, func() error { return s.live(ups) })
	}
	s.becomes("GET VAR stale ups.status", "ERR DATA-STALE")
	s.becomes("GET VAR waiting ups.status", `VAR waiting ups.status "WAIT"`)
	return w
}

// order gives an order to the scripted drivers.
func (w *world) order(words string) {
	w.Helper()
	c, err := net.Dial("unix", w.state("ctl"))
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	fmt.Fprintln(c, words)
	if got, err := bufio.NewReader(c).ReadString('\n'); got != "ok\n" {
		w.Errorf("drivers.py: %s: %q, %v", words, got, err)
	}
}

// says has a driver say a line, and waits until the server has heard it.
func (w *world) says(ups, line string) {
	w.Helper()
	driver := "raw fakedrv-" + ups + " "
	w.order(driver + line)
	w.order(driver + `SETINFO heard "yes"`)
	w.becomes("GET VAR "+ups+" heard", "VAR "+ups+` heard "yes"`)
	w.order(driver + "DELINFO heard")
	w.becomes("GET VAR "+ups+" heard", "ERR VAR-NOT-SUPPORTED")
}

// reload changes a text in a file, and waits until the server has read it.
func (w *world) reload(file, old, changed string) {
	w.Helper()
	w.edit(file, old, changed)
	was := `"No driver here"`
	if w.read > 0 {
		was = fmt.Sprintf(`"read %d"`, w.read)
	}
	w.read++
	is := fmt.Sprintf(`"read %d"`, w.read)
	w.edit("ups.conf", was, is)
	w.server.signal(syscall.SIGHUP)
	w.becomes("GET UPSDESC nodrv", "UPSDESC nodrv "+is)
}

func (w *world) edit(file, old, changed string) {
	w.Helper()
	text := content(w, w.etc(file))
	if !strings.Contains(text, old) {
		w.Fatalf("%s has no %q", file, old)
	}
	w.write(files{file: strings.Replace(text, old, changed, 1)})
}

// login opens another connection that is logged in.
func (w *world) login(user, password, ups string) {
	p := w.dial()
	p.asks("USERNAME "+user, "OK", "PASSWORD "+password, "OK", "LOGIN "+ups, "OK")
	w.others = append(w.others, p)
}

// hangUp closes the other connections.
func (w *world) hangUp() {
	for _, p := range w.others {
		p.Close()
	}
	w.others = nil
}

// stall opens another connection that asks for much and never reads, until
// nothing more can be sent.
func (w *world) stall() {
	p := w.dial()
	p.Conn.(*net.TCPConn).SetReadBuffer(4096)
	much := strings.Repeat("LIST VAR fake\n", 1000)
	for err := error(nil); err == nil; {
		p.SetWriteDeadline(time.Now().Add(2 * time.Second))
		_, err = p.Write([]byte(much))
		if ne, ok := errors.AsType[net.Error](err); err != nil && (!ok || !ne.Timeout()) {
			w.Errorf("stalled client: %v", err)
		}
	}
	w.others = append(w.others, p)
}

// track has another client give an order, whose ID was recorded.
func (w *world) track(recorded string) {
	p := w.dial()
	p.asks("USERNAME admin", "OK", "PASSWORD sekret", "OK", "SET TRACKING ON", "OK")
	w.ids.Learn(recorded, strings.TrimPrefix(p.ask("SET VAR fake ups.id x"), "OK TRACKING "))
	p.Close()
}

// asides is what was done beside the dialogue, before a step: orders to the
// drivers, reloads, other clients.
var asides = map[int]func(*world){
	277: func(w *world) { w.login("secmon", "s3c", "fake") },
	284: (*world).hangUp,
	// dummy-ups answers in its own time: here it must be late, and then not.
	413: func(w *world) { w.dummy.signal(syscall.SIGSTOP) },
	415: func(w *world) { w.dummy.signal(syscall.SIGCONT) },
	444: func(w *world) { w.says("onbatt", `SETINFO ups.status "OL"`) },
	445: func(w *world) { w.says("onbatt", `SETINFO ups.status "FSD OL"`) },
	446: func(w *world) { w.says("onbatt", "DELINFO ups.status") },
	571: func(w *world) { w.order("close fakedrv-nodesc") },
	572: func(w *world) { w.order("open fakedrv-nodesc") },
	573: func(w *world) { w.says("fake", `SETINFO ups.load "42"`) },
	574: func(w *world) { w.says("fake", `SETINFO ups.load "42.5 \"x\" \\ \#"`) },
	575: func(w *world) { w.says("fake", "DELINFO ups.load") },
	576: func(w *world) { w.says("fake", "ADDCMD new.cmd") },
	577: func(w *world) { w.says("fake", "DELCMD new.cmd") },
	578: func(w *world) { w.says("fake", `SETINFO ups.load "`+strings.Repeat("L", 600)+`"`) },
	579: func(w *world) { w.says("fake", `SETINFO ups.load "7" surplus words`) },
	580: func(w *world) { w.says("fake", "ADDRANGE input.transfer.high 300 290") },
	581: func(w *world) { w.says("fake", "ADDRANGE input.transfer.high 240 245") },
	582: func(w *world) { w.says("fake", `DELENUM input.transfer.low "103"`) },
	583: func(w *world) { w.says("fake", "SETFLAGS ups.id STRING") },
	584: func(w *world) { w.says("fake", "SETFLAGS ups.id RW STRING NOSUCH") },
	585: func(w *world) { w.says("fake", "SETAUX ups.id 8") },
	597: func(w *world) { w.order("mute fakedrv-mute") },
	598: func(w *world) { w.order("unmute fakedrv-mute") },
	620: func(w *world) { w.track("1C41F5E4-24B7-4110-8D1F-821741A49CA4") },
	659: func(w *world) { w.reload("upsd.users", "\tactions = SET\n", "") },
	660: func(w *world) { w.reload("upsd.users", "[admin]\n", "[admin]\n\tactions = SET\n") },
	669: func(w *world) { w.says("fake", `SETINFO ups.id "shared"`) },
	678: func(w *world) { w.reload("ups.conf", "", "") },
	679: func(w *world) { w.reload("ups.conf", "[onbatt]\n\tdriver = fakedrv\n\tport = none\n", "") },
	680: func(w *world) { w.reload("ups.conf", "[mute]", "[onbatt]\n\tdriver = fakedrv\n\tport = none\n[mute]") },
	685: func(w *world) { w.reload("ups.conf", "[mute]\n\tdriver = fakedrv\n\tport = none\n", "") },
	686: (*world).stall,
	687: (*world).hangUp,
}
