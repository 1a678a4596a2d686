package server

import (
	"crypto/tls"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// The tests here are named after the defects of NUT's upsd that our server must
// not have (PROTOCOL.md, section 14). B-11 is a driver's.

// orderable is a UPS that takes orders.
func orderable(d *nut.Draft) {
	d.Set("ups.status", "OL")
	d.Put(nut.Variable{Name: "ups.id", Value: "x", Writable: true, Text: true, MaxLen: 400})
	d.Put(nut.Variable{Name: "ups.delay", Value: "1", Writable: true})
	d.Put(nut.Variable{Name: "mode", Value: "a", Writable: true, Enum: []string{"a", `q"q`, `b\s`, "h#h"}})
	d.Put(nut.Variable{Name: "level", Value: "245", Writable: true, Ranges: []nut.Range{{Min: 240, Max: 250}, {Min: -5, Max: 0}}})
	d.AddCommand("load.off")
}

// ordering serves a UPS named u and returns a client who may do all.
func ordering(t *testing.T) (*peer, *orders) {
	t.Helper()
	door := new(orders)
	s := &Server{Store: storeOf(newUPS("u", door, nut.Live, orderable)), Users: accounts()}
	p := dial(t, listen(t, s, Policy{}))
	p.asks("USERNAME admin", "OK", "PASSWORD sekret", "OK")
	return p, door
}

func TestDefectB1CommandsBehindSTARTTLS(t *testing.T) {
	s := &Server{TLS: selfSigned(t)}
	p := dial(t, listen(t, s, Policy{}))
	p.send("STARTTLS\nVER\n")
	if got := p.line(); got != "ERR INVALID-ARGUMENT" {
		t.Errorf("answered %q", got)
	}
	p.closed()
}

func TestDefectB2StalledHandshake(t *testing.T) {
	s := &Server{TLS: selfSigned(t)}
	bubble(t, s, Policy{}, func(l *pipes) {
		stalled := l.dial(someone)
		stalled.ask("STARTTLS", "OK STARTTLS")
		l.dial(another).ask("PROTVER", "1.3")
		start := time.Now()
		stalled.SetReadDeadline(start.Add(time.Minute))
		if _, err := stalled.r.ReadByte(); err == nil {
			t.Error("the stalled client is answered")
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("the stalled client is cut off after %v", took)
		}
		synctest.Wait()
		if n := s.Stats().HandshakesFailed; n != 1 {
			t.Errorf("%d failed handshakes counted", n)
		}
	})
}

func TestDefectB3StalledReader(t *testing.T) {
	s := &Server{Store: storeOf(newUPS("bench", nil, nut.Live, benchFacts))}
	bubble(t, s, Policy{}, func(l *pipes) {
		stalled := l.dial(someone)
		stalled.send(strings.Repeat("LIST VAR bench\n", 50))
		l.dial(another).ask("PROTVER", "1.3")
		start := time.Now()
		for s.Stats().Connections > 1 && time.Since(start) < time.Hour {
			l.sleep(time.Second)
		}
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("the stalled client is cut off after %v", took)
		}
	})
}

var trackingID = regexp.MustCompile(`^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`)

func TestDefectB4PredictableTracking(t *testing.T) {
	p, door := ordering(t)
	p.ask("SET TRACKING ON", "OK")
	seen := make(map[string]bool)
	for range 100 {
		p.send("INSTCMD u load.off\n")
		id := strings.TrimPrefix(p.line(), "OK TRACKING ")
		if !trackingID.MatchString(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
		if order, done := door.last(); !order.Tracked {
			t.Fatal("the driver is not asked for the outcome")
		} else {
			done(nil)
		}
		p.ask("GET TRACKING "+id, "SUCCESS")
	}
	for id := range seen {
		address := p.RemoteAddr().String()
		other := dial(t, address)
		other.asks("USERNAME primon", "OK", `PASSWORD "pass word"`, "OK", "SET TRACKING ON", "OK", "GET TRACKING "+id, "ERR UNKNOWN")
		claims := dial(t, address)
		claims.asks("USERNAME admin", "OK", "PASSWORD guess", "OK", "SET TRACKING ON", "OK", "GET TRACKING "+id, "ERR UNKNOWN")
		same := dial(t, address)
		same.asks("USERNAME admin", "OK", "PASSWORD sekret", "OK", "SET TRACKING ON", "OK", "GET TRACKING "+strings.ToLower(id), "SUCCESS")
		return
	}
}

func TestDefectB5ParameterBecomesWords(t *testing.T) {
	p, door := ordering(t)
	p.ask(`INSTCMD u load.off "1 TRACKING abc"`, "OK")
	if o, _ := door.last(); o.Value != "1 TRACKING abc" || o.Tracked {
		t.Errorf("the order is %+v", o)
	}
}

func TestDefectB6OverlongParameter(t *testing.T) {
	p, door := ordering(t)
	for _, n := range []int{256, 490, 600} {
		p.ask("INSTCMD u load.off "+strings.Repeat("x", n), "ERR INVALID-ARGUMENT")
		p.ask("SET VAR u ups.id "+strings.Repeat("x", n), "ERR TOO-LONG")
		p.ask("SET VAR u ups.delay "+strings.Repeat("x", n), "ERR TOO-LONG")
	}
	p.ask(`SET VAR u ups.delay "`+strings.Repeat(`\"`, 128)+`"`, "ERR TOO-LONG") // 256 bytes when it is quoted
	if o, _ := door.last(); o.Name != "" {
		t.Errorf("the driver got %+v", o)
	}
	p.ask("INSTCMD u load.off "+strings.Repeat("x", 255), "OK")
}

func TestDefectB7OverlongReply(t *testing.T) {
	long := nut.Name(strings.Repeat("v", 480))
	s := &Server{Store: storeOf(newUPS("u", nil, nut.Live, func(d *nut.Draft) {
		orderable(d)
		d.Put(nut.Variable{Name: long, Value: "1", Writable: true, Enum: []string{strings.Repeat("e", 300)}, Ranges: []nut.Range{{Min: 1, Max: 1 << 30}}})
		d.Set("quotes", strings.Repeat(`"`, 200))
		d.AddCommand(nut.Name(strings.Repeat("c", 510)))
	}))}
	p := dial(t, listen(t, s, Policy{}))
	for _, form := range []string{
		"GET VAR %s server.version", "GET VAR u %s", "GET TYPE u %s", "GET DESC u %s", "GET CMDDESC u %s", "LIST ENUM u %s",
		"LIST RANGE u %s", "LIST VAR u #%s", "LIST RW u #%s", "LIST CMD u #%s", "GET VAR u quotes #%s",
	} {
		for _, n := range []int{1, 470, 475, 480, 484, 485, 500, 512} {
			request := fmt.Sprintf(form, strings.Repeat("v", n))
			p.send(request + "\n")
			line := p.line()
			for strings.HasPrefix(line, "BEGIN") || !strings.HasPrefix(line, "END") && strings.HasPrefix(request, "LIST") && !strings.HasPrefix(line, "ERR") {
				if len(line) >= 511 {
					t.Errorf("%.40s: a line of %d bytes", request, len(line)+1)
				}
				line = p.line()
			}
			if len(line) >= 511 || line == "" {
				t.Errorf("%.40s: a line of %d bytes", request, len(line)+1)
			}
		}
	}
	p.ask("GET VAR u quotes", `VAR u quotes "`+strings.Repeat(`\"`, 127)+`"`)
}

func TestDefectB8LogoutCancelled(t *testing.T) {
	p := dial(t, listen(t, new(Server), Policy{}))
	p.send("LOGOUT\nPROTVER\n")
	if got := p.line(); got != "OK Goodbye" {
		t.Errorf("answered %q", got)
	}
	p.closed()
}

func TestDefectB9Silence(t *testing.T) {
	p := dial(t, listen(t, new(Server), Policy{}))
	p.asks(
		`VER "`, "ERR INVALID-ARGUMENT",
		`PASSWORD "a#b"`, "ERR INVALID-ARGUMENT",
		`PASSWORD "a\#b"`, "OK",
		"PROTVER", "1.3",
	)
}

func TestDefectB10LostEscapes(t *testing.T) {
	p, door := ordering(t)
	for _, value := range []string{`q"q`, `b\s`, "h#h", `\`, `"`} {
		p.ask("SET VAR u ups.id "+`"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`, "#", `\#`).Replace(value)+`"`, "OK")
		if o, _ := door.last(); o.Value != value {
			t.Errorf("%q reaches the driver as %q", value, o.Value)
		}
	}
}

func TestDefectB12EnumCannotBeSet(t *testing.T) {
	p, _ := ordering(t)
	p.asks(
		`SET VAR u mode "q\"q"`, "OK",
		`SET VAR u mode b\\s`, "OK",
		`SET VAR u mode "h\#h"`, "OK",
		`SET VAR u mode q`, "ERR INVALID-VALUE",
	)
}

func TestDefectB13NumberSyntax(t *testing.T) { // tolerated on purpose, as devices know best
	p, _ := ordering(t)
	p.asks(
		"SET VAR u level 250.9", "OK",
		"SET VAR u level 245abc", "OK",
		`SET VAR u level "  -5"`, "OK",
		"SET VAR u level abc", "OK", // which reads as 0
		"SET VAR u level 251", "ERR INVALID-VALUE",
		"SET VAR u level -6", "ERR INVALID-VALUE",
		"SET VAR u level 99999999999999999999", "ERR INVALID-VALUE",
		"SET VAR u ups.delay hello", "OK",
	)
}

func TestDefectB14EndlessLine(t *testing.T) {
	p := dial(t, listen(t, &Server{MaxLine: 1000}, Policy{}))
	p.send("VER" + strings.Repeat(" ", 997) + "\n")
	if got := p.line(); !strings.HasPrefix(got, "wattnut") {
		t.Errorf("a line of 1000 bytes is answered %q", got)
	}
	go p.Write([]byte(strings.Repeat("A", 1<<20)))
	if got := p.line(); got != "ERR INVALID-ARGUMENT" {
		t.Errorf("an endless line is answered %q", got)
	}
	p.closed()
}

func TestDefectB15SurplusParameter(t *testing.T) {
	p, door := ordering(t)
	p.ask("INSTCMD u load.off 10 20", "ERR INVALID-ARGUMENT")
	if o, _ := door.last(); o.Name != "" {
		t.Errorf("the driver got %+v", o)
	}
}

func TestNoTLSBehindSTARTTLS(t *testing.T) {
	s := &Server{TLS: selfSigned(t)}
	p := dial(t, listen(t, s, Policy{}))
	p.ask("STARTTLS", "OK STARTTLS")
	p.send("VER\n")
	p.closed()
}

func TestTLSSession(t *testing.T) {
	s := &Server{Store: storeOf(newUPS("u", nil, nut.Live, orderable)), Users: accounts(), TLS: selfSigned(t)}
	p := dial(t, listen(t, s, Policy{TLSRequired: true}))
	p.asks("VER", "ERR TLS-NOT-ENABLED", "LOGOUT", "ERR TLS-NOT-ENABLED", "", "ERR TLS-NOT-ENABLED", "starttls please", "OK STARTTLS")
	secure := newPeer(t, tls.Client(p.Conn, &tls.Config{InsecureSkipVerify: true}))
	secure.asks(
		"STARTTLS", "ERR ALREADY-SSL-MODE",
		"GET VAR u ups.status", `VAR u ups.status "OL"`,
		"USERNAME primon", "OK", `PASSWORD "pass word"`, "OK", "LOGIN u", "OK",
		"GET NUMLOGINS u", "NUMLOGINS u 1",
		"LOGOUT", "OK Goodbye",
	)
	secure.closed()
}
