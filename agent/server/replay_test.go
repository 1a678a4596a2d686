package server

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/transcript"
)

// TestDialogues holds all recorded dialogues with our server. Each answer has
// the bytes that upsd 2.8.0 sent, or those that docs/differences-upsd.md says.
func TestDialogues(t *testing.T) {
	t.Parallel()
	differ := transcript.Differences(t, "t")
	seen := make(map[int]bool)
	var w *world
	for _, session := range transcript.Sessions(t) {
		name := session[0].Session
		if w == nil || !continued[name] {
			w = newWorld(t, strings.HasPrefix(name, "T"))
			w.differ = differ
		}
		replay(t, w, session, func(s transcript.Step, got string) {
			want := s.Recv
			if d, ok := differ[s.ID]; ok {
				if d.Theirs != transcript.Abridged(s.Recv) {
					t.Errorf("t#%d: the table says that upsd answers %q, it answered %q", s.ID, d.Theirs, transcript.Abridged(s.Recv))
				}
				want, got, seen[s.ID] = d.Ours, transcript.Abridged(got), true
			}
			if got != want {
				t.Errorf("%s, t#%d: %.120q is answered\n%q, want\n%q", name, s.ID, s.Send, got, want)
			}
		})
	}
	for id := range differ {
		if !seen[id] {
			t.Errorf("t#%d is in the table of differences, and in no dialogue", id)
		}
	}
}

// replay holds one dialogue and tells each answer, with our version text and
// tracking ids made into the recorded ones.
func replay(t *testing.T, w *world, session []transcript.Step, check func(transcript.Step, string)) {
	t.Helper()
	var conn net.Conn
	for i, s := range session {
		fresh := conn == nil || s.Step == 1 && i > 0 || s.ID == 744
		if fresh || i > 0 && (session[i-1].Closed || session[i-1].Fin) {
			conn = dial(t, w.address)
		}
		if s.Layer == "tls" && !isTLS(conn) {
			config := &tls.Config{InsecureSkipVerify: true} // the certificate is of this test
			if s.ID == 746 {
				config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
			}
			conn = tls.Client(conn, config)
		}
		if aside := asides[s.ID]; aside != nil {
			aside(w)
		}
		check(s, w.exchange(conn, s))
	}
}

func isTLS(c net.Conn) bool {
	_, ok := c.(*tls.Conn)
	return ok
}

// exchange sends what a step sent and returns what is answered, until it is as
// long as what was recorded, or nothing comes. Where ours answers and upsd did
// not, it waits for the answer.
func (w *world) exchange(conn net.Conn, s transcript.Step) string {
	conn.SetDeadline(time.Now().Add(2 * time.Second))
	for _, part := range s.Outgoing() {
		// What the server has closed already takes no more; the answer tells.
		_, _ = conn.Write(transcript.Latin1(w.ids.Outgoing(part)))
	}
	if tcp, ok := conn.(*peer); ok && s.Fin {
		tcp.Conn.(*net.TCPConn).CloseWrite()
	}
	var got strings.Builder
	buf := make([]byte, 64<<10)
	for patience := 2 * time.Second; ; {
		owed := got.Len() == 0 && s.Recv == "" && w.differ[s.ID].Ours != ""
		if got.Len() >= len(s.Recv) && !s.Closed && !owed {
			patience = 3 * time.Millisecond
		}
		conn.SetReadDeadline(time.Now().Add(patience))
		n, err := conn.Read(buf)
		got.WriteString(w.inbound(string(buf[:n]), s.Recv))
		if err != nil {
			if s.Closed && s.Recv == "" && errors.Is(err, os.ErrDeadlineExceeded) {
				w.t.Errorf("t#%d: the connection is open", s.ID)
			}
			return got.String()
		}
		if strings.HasPrefix(got.String(), "ERR ") && got.Len() < len(s.Recv) {
			patience = 100 * time.Millisecond
		}
	}
}

// inbound puts the recorded version and ids where ours are.
func (w *world) inbound(text, recorded string) string {
	text = strings.ReplaceAll(text, w.server.banner(), "Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/")
	return w.ids.Incoming(text, recorded)
}
