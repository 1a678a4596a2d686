package server

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDialogues holds all recorded dialogues with our server. Each answer has
// the bytes that upsd 2.8.0 sent, or those that docs/differences-upsd.md says.
func TestDialogues(t *testing.T) {
	t.Parallel()
	differ := differences(t)
	seen := make(map[int]bool)
	var w *world
	for _, session := range sessions(recorded(t)) {
		name := session[0].Session
		if w == nil || !continued[name] {
			w = newWorld(t, strings.HasPrefix(name, "T"))
		}
		replay(t, w, session, func(s step, got string) {
			want := s.Recv
			if d, ok := differ[s.ID]; ok {
				if d.Theirs != abridged(s.Recv) {
					t.Errorf("t#%d: the table says that upsd answers %q, it answered %q", s.ID, d.Theirs, abridged(s.Recv))
				}
				want, got, seen[s.ID] = d.Ours, abridged(got), true
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

// abridged is a long text as the table of differences shows it.
func abridged(text string) string {
	if len(text) <= 80 {
		return text
	}
	return text[:40] + "…" + text[len(text)-30:]
}

func sessions(all []step) [][]step {
	var out [][]step
	for _, s := range all {
		if n := len(out); n > 0 && out[n-1][0].Session == s.Session {
			out[n-1] = append(out[n-1], s)
		} else {
			out = append(out, []step{s})
		}
	}
	return out
}

// replay holds one dialogue and tells each answer, with our version text and
// tracking ids made into the recorded ones.
func replay(t *testing.T, w *world, session []step, check func(step, string)) {
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
// long as what was recorded, or nothing comes.
func (w *world) exchange(conn net.Conn, s step) string {
	parts := s.Parts
	if len(parts) == 0 {
		parts = []string{s.Send}
	}
	conn.SetDeadline(time.Now().Add(2 * time.Second))
	for _, part := range parts {
		// What the server has closed already takes no more; the answer tells.
		_, _ = conn.Write(w.outbound(part))
	}
	if tcp, ok := conn.(*peer); ok && s.Fin {
		tcp.Conn.(*net.TCPConn).CloseWrite()
	}
	var got strings.Builder
	buf := make([]byte, 64<<10)
	for patience := 2 * time.Second; ; {
		if got.Len() >= len(s.Recv) && !s.Closed {
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

var trackingID = regexp.MustCompile(`(?i)[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}`)

// outbound puts our tracking ids where the recorded ones are. Strings of the
// recording hold one byte in each character.
func (w *world) outbound(text string) []byte {
	text = trackingID.ReplaceAllStringFunc(text, func(id string) string {
		ours, ok := w.ids[strings.ToUpper(id)]
		switch {
		case !ok:
			return id
		case id == strings.ToLower(id):
			return strings.ToLower(ours)
		}
		return ours
	})
	var out []byte
	for _, r := range text {
		out = append(out, byte(r))
	}
	return out
}

// inbound puts the recorded version and ids where ours are.
func (w *world) inbound(text, recorded string) string {
	text = strings.ReplaceAll(text, w.server.banner(), "Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/")
	if id := trackingID.FindString(recorded); id != "" && strings.HasPrefix(text, "OK TRACKING ") {
		w.ids[id] = trackingID.FindString(text)
		text = trackingID.ReplaceAllString(text, id)
	}
	return text
}
