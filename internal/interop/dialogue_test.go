package interop

import (
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/transcript"
)

// TestDialogues holds the recorded dialogues with our upsd among the recorded
// drivers. Each answer has the bytes of upsd 2.8.0, or those that
// docs/differences-upsd.md has, and no row of it is idle. The distribution's upsd,
// asked in the same way, shows that the recordings are held right.
func TestDialogues(t *testing.T) {
	t.Parallel()
	differ := transcript.Differences(t, "t")
	maps.Copy(differ, transcript.Differences(t, "driver, t"))
	certificate := pemFile(t)
	database, _ := nuttest.CertDB(t)
	for _, upsd := range []struct {
		name, path, secure string
		differ             map[int]transcript.Difference
	}{
		{"their upsd", theirs(t, "upsd"), database, nil},
		{"our upsd", ours("upsd"), "CERTFILE " + certificate + "\nDISABLE_WEAK_SSL true\n", differ},
	} {
		for _, sessions := range apart(transcript.Sessions(t)) {
			t.Run(upsd.name+" "+sessions[0][0].Session, func(t *testing.T) {
				t.Parallel()
				directives := ""
				if strings.HasPrefix(sessions[0][0].Session, "T") {
					directives = upsd.secure
				}
				w := newWorld(newSite(t, nil), upsd.path, directives)
				for _, session := range sessions {
					w.hold(session, upsd.differ)
				}
			})
		}
	}
}

// alone are the sessions that change what others see, or wait long.
var alone = []string{"C5", "E5", "G1", "G3", "G4", "H1", "H3", "H4", "K2", "K3", "L2", "L3", "M1", "C12", "I30", "T2", "T4", "T5"}

// apart divides the sessions among worlds: most share the first.
func apart(all [][]transcript.Step) [][][]transcript.Step {
	worlds := make([][][]transcript.Step, 1)
	for _, session := range all {
		name, _, _ := strings.Cut(session[0].Session, " ")
		switch {
		case name == "H2": // goes on where H1 ends
			worlds[len(worlds)-1] = append(worlds[len(worlds)-1], session)
		case slices.Contains(alone, name):
			worlds = append(worlds, [][]transcript.Step{session})
		default:
			worlds[0] = append(worlds[0], session)
		}
	}
	return worlds
}

// hold holds one dialogue and compares each answer.
func (w *world) hold(session []transcript.Step, differ map[int]transcript.Difference) {
	w.Helper()
	var conn net.Conn
	for i, s := range session {
		if s.ID == 744 { // by another connection, after this one
			conn.Close()
			conn = nil
		}
		if conn == nil || s.Step == 1 || session[i-1].Closed || session[i-1].Fin {
			conn = w.dial().Conn
		}
		if s.Layer == "tls" {
			conn = secure(conn, s.ID == 746)
		}
		if aside := asides[s.ID]; aside != nil {
			aside(w)
		}
		w.compare(conn, s, differ)
	}
	conn.Close()
}

// secure starts TLS on a connection that has none yet, too old for any server
// if it should be.
func secure(conn net.Conn, old bool) net.Conn {
	if _, ok := conn.(*tls.Conn); ok {
		return conn
	}
	config := &tls.Config{InsecureSkipVerify: true} // the certificate is of this test
	if old {
		config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
	}
	return tls.Client(conn, config)
}

// compare holds one step. Where drivers have a part in it, the answer may take
// its time to become the right one.
func (w *world) compare(conn net.Conn, s transcript.Step, differ map[int]transcript.Difference) {
	w.Helper()
	show := func(text string) string { return text }
	want := s.Recv
	d, differs := differ[s.ID]
	if differs {
		want, show = d.Ours, transcript.Abridged
	}
	got := w.exchange(conn, s, want)
	end := time.Now().Add(patience)
	for eventual(s) && show(got) != want && time.Now().Before(end) {
		<-time.After(50 * time.Millisecond)
		got = w.exchange(conn, s, want)
	}
	if show(got) != want || differs && got == s.Recv {
		w.Errorf("%s, t#%d: %.120q is answered\n%q, want\n%q", s.Session, s.ID, s.Send, got, want)
	}
}

// eventual tells whether a step asks for what another process has a part in.
func eventual(s transcript.Step) bool {
	asks := strings.HasPrefix(s.Send, "GET ") || strings.HasPrefix(s.Send, "LIST ")
	return asks && strings.ContainsAny(s.Session[:1], "DEGHKLM")
}

// exchange sends what a step sent and returns what is answered, until it is as
// long as what is wanted, or nothing comes.
func (w *world) exchange(conn net.Conn, s transcript.Step, want string) string {
	for i, part := range s.Outgoing() {
		if i > 0 {
			<-time.After(20 * time.Millisecond) // to go as a segment of its own
		}
		conn.SetDeadline(time.Now().Add(patience)) // TLS also reads here
		// What the server has closed takes no more; the answer tells.
		_, _ = conn.Write(transcript.Latin1(w.ids.Outgoing(part)))
	}
	if tcp, ok := conn.(*net.TCPConn); ok && s.Fin {
		tcp.CloseWrite()
	}
	var got strings.Builder
	buf := make([]byte, 64<<10)
	for {
		conn.SetReadDeadline(time.Now().Add(pause(s, got.Len(), len(want))))
		n, err := conn.Read(buf)
		got.WriteString(w.incoming(string(buf[:n]), s))
		if err != nil {
			if s.Closed && s.Recv == "" && errors.Is(err, os.ErrDeadlineExceeded) {
				w.Errorf("t#%d: the connection is open", s.ID)
			}
			return got.String()
		}
	}
}

// pause is how long to wait for more when some bytes have come: only a moment
// where all is there.
func pause(s transcript.Step, got, want int) time.Duration {
	switch {
	case s.ID == 686: // upsd hangs now
		return 2 * time.Second
	case got >= want && !s.Closed:
		return 5 * time.Millisecond
	case got > 0:
		return 500 * time.Millisecond
	}
	return patience // our server slows down who is refused again and again
}

// incoming makes what the server says comparable to the recording.
func (w *world) incoming(text string, s transcript.Step) string {
	text = strings.NewReplacer(w.etc("dummy.dev"), "/etc/nut/dummy.dev",
		"wattnut 2.8.0 - https://github.com/wattnut/wattnut", "Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/").Replace(text)
	return w.ids.Incoming(text, s.Recv)
}
