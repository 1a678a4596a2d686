package nutsocket

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// script is the far end of a device's connection, played by a test.
type script struct {
	t     *testing.T
	conn  net.Conn
	lines chan string // what the device wrote
}

// contact starts a device in contact with a script. It is for synctest.
func contact(t *testing.T, o Options) (*device, *script) {
	t.Helper()
	near, far := net.Pipe()
	d := newDevice(slog.New(slog.DiscardHandler), o)
	d.start(func() (net.Conn, error) { return near, nil }, nil)
	s := &script{t, far, make(chan string, 100)}
	go func() {
		in := bufio.NewScanner(far)
		for in.Scan() {
			s.lines <- in.Text()
		}
		close(s.lines)
	}()
	t.Cleanup(func() { d.Close(); far.Close() })
	return d, s
}

func (s *script) say(lines ...string) {
	s.t.Helper()
	if _, err := io.WriteString(s.conn, strings.Join(lines, "\n")+"\n"); err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
}

func (s *script) expect(want ...string) {
	s.t.Helper()
	synctest.Wait()
	for _, w := range want {
		select {
		case got := <-s.lines:
			if got != w {
				s.t.Fatalf("the driver got %q, want %q", got, w)
			}
		default:
			s.t.Fatalf("the driver got nothing, want %q", w)
		}
	}
	select {
	case got, ok := <-s.lines:
		if ok {
			s.t.Fatalf("the driver got %q besides", got)
		}
	default:
	}
}

// pass lets time go by, in a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := contact(t, Options{})
		var draft nut.Draft
		steps := []struct {
			line string
			want error
		}{
			{"PONG", drivers.ErrWaiting},
			{"DATASTALE", drivers.ErrWaiting},
			{`SETINFO ups.status "OL"`, drivers.ErrWaiting},
			{"DUMPDONE", drivers.ErrStale},
			{"DATAOK", nil},
			{"DATASTALE", drivers.ErrStale},
			{`SETINFO ups.status "OB"`, drivers.ErrStale},
			{"DATAOK", nil},
		}
		for _, step := range steps {
			s.say(step.line)
			if err := d.Read(t.Context(), &draft); !errors.Is(err, step.want) {
				t.Errorf("after %s: %v, want %v", step.line, err, step.want)
			}
		}
		if got := draft.Value("ups.status"); got != "OB" {
			t.Errorf("status %q", got)
		}
		s.conn.Close()
		synctest.Wait()
		if err := d.Read(t.Context(), &draft); !errors.Is(err, drivers.ErrGone) || !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := contact(t, Options{})
		for _, line := range []string{"SETINFO x 1", "DUMPDONE", "ADDCMD load.off", "SETFLAGS x RW"} {
			s.say(line)
			select {
			case <-d.News():
			default:
				t.Errorf("%s is no news", line)
			}
		}
		s.say("PONG", "FOO", "TRACKING x 0")
		select {
		case <-d.News():
			t.Error("PONG is news")
		default:
		}
	})
}

// A driver that says nothing is asked, then taken as stale, then believed again.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := contact(t, Options{MaxAge: 9 * time.Second})
		var draft nut.Draft
		s.say("DATAOK", "DUMPDONE")
		s.expect("DUMPALL")
		<-d.News()
		for range 2 {
			pass(3*time.Second + time.Millisecond)
			s.expect("PING")
			if err := d.Read(t.Context(), &draft); err != nil {
				t.Fatal(err)
			}
		}
		pass(3 * time.Second)
		s.expect("PING")
		<-d.News()
		if err := d.Read(t.Context(), &draft); !errors.Is(err, drivers.ErrStale) {
			t.Errorf("after silence: %v", err)
		}
		s.say("PONG")
		<-d.News()
		if err := d.Read(t.Context(), &draft); err != nil {
			t.Errorf("after PONG: %v", err)
		}
	})
}

func TestRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := contact(t, Options{})
		s.expect("DUMPALL")
		var outcomes []string
		order := func(o nut.Order) {
			t.Helper()
			err := d.Relay(t.Context(), o, func(err error) { outcomes = append(outcomes, fmt.Sprint(err)) })
			if err != nil {
				t.Fatal(err)
			}
		}
		order(nut.Order{Name: "load.off"})
		order(nut.Order{Name: "load.off", Value: `1 TRACKING abc`}) // B-5
		order(nut.Order{Set: true, Name: "ups.id", Value: `a"b\c#d`})
		order(nut.Order{Set: true, Name: "ups.id", Value: ""})
		s.expect("INSTCMD load.off", `INSTCMD load.off "1 TRACKING abc"`, `SET ups.id "a\"b\\c\#d"`, `SET ups.id ""`)
		if len(outcomes) != 4 {
			t.Fatalf("untracked orders: %v", outcomes)
		}
		outcomes = nil
		for i := range 6 {
			order(nut.Order{Set: i == 0, Name: "x", Value: "1", Tracked: true})
		}
		s.expect(`SET x "1" TRACKING 1`, `INSTCMD x "1" TRACKING 2`, `INSTCMD x "1" TRACKING 3`, `INSTCMD x "1" TRACKING 4`, `INSTCMD x "1" TRACKING 5`, `INSTCMD x "1" TRACKING 6`)
		s.say("TRACKING 5 4", "TRACKING 4 3", "TRACKING 3 2", "TRACKING 2 1", "TRACKING 1 0", "TRACKING 1 0", "TRACKING 99 0")
		want := "INVALID-ARGUMENT FAILED INVALID-ARGUMENT UNKNOWN <nil>"
		if got := strings.Join(outcomes, " "); got != want {
			t.Errorf("outcomes %s, want %s", got, want)
		}
		long := nut.Order{Name: "load.off", Value: strings.Repeat("a", 600)}
		if err := d.Relay(t.Context(), long, nil); !errors.Is(err, nut.ErrTooLong) { // B-6
			t.Errorf("too long: %v", err)
		}
		s.expect()
	})
}

// However many orders a driver leaves unanswered, only so many are kept.
func TestPendingIsBounded(t *testing.T) {
	var p pending
	for range 10 * maxPending {
		p.add(func(error) {})
	}
	if len(p.orders) != maxPending || p.take("1") != nil || p.take("2560") == nil || p.take("2560") != nil {
		t.Errorf("%d kept", len(p.orders))
	}
}

// An order whose driver goes before it answers has failed.
func TestOrderOfALostDriver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		d := newDevice(slog.New(slog.DiscardHandler), Options{})
		d.start(func() (net.Conn, error) { return near, nil }, nil)
		defer d.Close()
		go func() { _, _ = io.Copy(io.Discard, far) }()
		synctest.Wait()
		outcome := make(chan error, 1)
		if err := d.Relay(t.Context(), nut.Order{Name: "load.off", Tracked: true}, func(err error) { outcome <- err }); err != nil {
			t.Fatal(err)
		}
		far.Close()
		if err := <-outcome; !errors.Is(err, nut.ErrFailed) {
			t.Errorf("got %v", err)
		}
	})
}

// A driver that does not read fails the order and is dropped, in bounded time.
func TestDriverDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		d := newDevice(slog.New(slog.DiscardHandler), Options{})
		d.start(func() (net.Conn, error) { return near, nil }, nil)
		defer far.Close()
		defer d.Close()
		far.Read(make([]byte, 100))
		began := time.Now()
		err := d.Relay(t.Context(), nut.Order{Name: "load.off", Tracked: true}, func(error) { t.Error("an outcome") })
		if !errors.Is(err, nut.ErrFailed) || time.Since(began) > 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		synctest.Wait()
		if err := d.Read(t.Context(), new(nut.Draft)); !errors.Is(err, drivers.ErrGone) || !strings.Contains(err.Error(), "does not read") {
			t.Errorf("afterwards: %v", err)
		}
		if len(d.pending.orders) != 0 {
			t.Error("the order is still awaited")
		}
	})
}

func TestEndlessLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := contact(t, Options{})
		go io.WriteString(s.conn, "SETINFO x "+strings.Repeat("a", 10*maxLine))
		synctest.Wait()
		if err := d.Read(t.Context(), new(nut.Draft)); !errors.Is(err, errLongLine) || !errors.Is(err, drivers.ErrGone) {
			t.Errorf("%v", err)
		}
	})
}

// A value that a driver did not escape is asked for again, and not too often (B-10).
func TestMangledLine(t *testing.T) {
	for _, line := range []string{`SETINFO x "a"b"`, `SETINFO x "a\b"`, `SETINFO x "a#b"`, `SETINFO x "a"`} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, s := contact(t, Options{})
				s.say(`SETINFO x "q\"q"`, "DATAOK", "DUMPDONE")
				s.expect("DUMPALL")
				s.say(line)
				s.expect()
				pass(6 * time.Second)
				if line == `SETINFO x "a"` {
					s.expect("PING")
					return
				}
				s.expect("PING", "DUMPALL")
				s.say(`SETINFO x "a\"b"`, "DATAOK", "DUMPDONE")
				pass(6 * time.Second)
				s.expect("PING")
				var draft nut.Draft
				if err := d.Read(t.Context(), &draft); err != nil || draft.Value("x") != `a"b` {
					t.Errorf("%q, %v", draft.Value("x"), err)
				}
			})
		})
	}
}

// Whatever a driver says, the listener lives and keeps its bounds.
func FuzzTake(f *testing.F) {
	for _, seed := range []string{
		"SETINFO a \"b\"\nADDENUM a b\nADDRANGE a 1 2\nSETFLAGS a RW\nSETAUX a 1\nADDCMD c\nDATAOK\nDUMPDONE\n",
		"DELINFO a\nTRACKING 1 0\nDATASTALE\n\"\n#\n\\\n", "SETINFO x \"a#b\"\nSETINFO x \"a\"b\"\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := &listener{device: newDevice(slog.New(slog.DiscardHandler), Options{})}
		l.pending.add(func(error) {})
		var draft nut.Draft
		for len(data) > 0 {
			n := min(len(data), 64)
			if err := l.take(data[:n]); err != nil {
				return
			}
			data = data[n:]
			_ = l.Read(t.Context(), &draft)
		}
		for _, name := range draft.Names() {
			v, _ := draft.Lookup(name)
			if len(v.Value) > 255 || len(v.Enum) > maxEnum || len(v.Ranges) > maxRanges {
				t.Fatalf("%+v", v)
			}
		}
	})
}
