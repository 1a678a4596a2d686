package server

import (
	"errors"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
)

// house serves one UPS of each health and returns the address.
func house(t *testing.T, p Policy) (string, *Server) {
	t.Helper()
	refusing := &orders{fail: errors.New("the pipe is full")}
	s := &Server{
		Users: accounts(), LoginDelay: -1,
		Store: storeOf(
			newUPS("live", new(orders), nut.Live, orderable), newUPS("absent", nil, nut.Absent, nil),
			newUPS("stale", nil, nut.Stale, orderable), newUPS("waiting", new(orders), nut.Waiting, orderable),
			newUPS("refusing", refusing, nut.Live, orderable),
		),
	}
	return listen(t, s, p), s
}

// TestErrorOrder asks what is wrong in two ways, and must be told the first.
func TestErrorOrder(t *testing.T) {
	address, _ := house(t, Policy{})
	p := dial(t, address)
	for _, word := range []string{"LOGIN", "ATTACH", "PRIMARY", "MASTER", "FSD", "SET VAR", "SET", "SET NOSUCH", "SET TRACKING", "INSTCMD"} {
		p.ask(word, "ERR USERNAME-REQUIRED")
	}
	p.ask("USERNAME primon", "OK")
	for _, word := range []string{"LOGIN", "SET", "INSTCMD nosuch nosuch"} {
		p.ask(word, "ERR PASSWORD-REQUIRED")
	}
	p.ask(`PASSWORD "pass word"`, "OK")
	p.asks(
		"SET", "ERR INVALID-ARGUMENT",
		"SET NOSUCH u v w", "ERR INVALID-ARGUMENT",
		"SET VAR nosuch v", "ERR INVALID-ARGUMENT",
		"SET VAR nosuch v w", "ERR UNKNOWN-UPS",
		"SET VAR absent v w", "ERR DRIVER-NOT-CONNECTED",
		"SET VAR stale v w", "ERR DATA-STALE",
		"SET VAR live nosuch w", "ERR ACCESS-DENIED",
		"INSTCMD live", "ERR INVALID-ARGUMENT",
		"INSTCMD nosuch nosuch", "ERR UNKNOWN-UPS",
		"INSTCMD absent nosuch", "ERR DRIVER-NOT-CONNECTED",
		"INSTCMD stale load.off", "ERR DATA-STALE",
		"INSTCMD live nosuch", "ERR CMD-NOT-SUPPORTED",
		"INSTCMD live load.off", "ERR ACCESS-DENIED",
		"LOGIN nosuch x", "ERR INVALID-ARGUMENT",
		"LOGIN nosuch", "ERR UNKNOWN-UPS",
		"PRIMARY nosuch", "ERR UNKNOWN-UPS",
		"FSD nosuch", "ERR UNKNOWN-UPS",
	)
	for _, get := range []string{"VAR %s nosuch", "TYPE %s nosuch", "DESC %s nosuch", "CMDDESC %s nosuch", "NUMLOGINS %s", "NUMATTACH %s"} {
		for ups, want := range map[string]string{"nosuch": "UNKNOWN-UPS", "absent": "DRIVER-NOT-CONNECTED", "stale": "DATA-STALE"} {
			p.ask("GET "+strings.Replace(get, "%s", ups, 1), "ERR "+want)
		}
	}
	for _, list := range []string{"VAR %s", "RW %s", "CMD %s", "ENUM %s nosuch", "RANGE %s nosuch"} {
		for ups, want := range map[string]string{"nosuch": "UNKNOWN-UPS", "absent": "DRIVER-NOT-CONNECTED", "stale": "DATA-STALE"} {
			p.ask("LIST "+strings.Replace(list, "%s", ups, 1), "ERR "+want)
		}
	}
	for _, few := range []string{"GET", "GET VAR live", "GET TYPE live", "GET DESC live", "GET CMDDESC live", "GET UPSDESC", "GET NUMLOGINS", "GET NOSUCH live x", "LIST", "LIST VAR", "LIST RW", "LIST CMD", "LIST ENUM live", "LIST RANGE live", "LIST CLIENT", "LIST NOSUCH"} {
		p.ask(few, "ERR INVALID-ARGUMENT")
	}
}

func TestSetOrder(t *testing.T) {
	address, _ := house(t, Policy{})
	p := dial(t, address)
	p.asks(
		"USERNAME admin", "OK", "PASSWORD sekret", "OK",
		"USERNAME again", "ERR ALREADY-SET-USERNAME", "PASSWORD again", "ERR ALREADY-SET-PASSWORD",
		"SET VAR live nosuch x", "ERR VAR-NOT-SUPPORTED",
		"SET VAR live ups.status x", "ERR READONLY",
		"SET VAR live server.version x", "ERR VAR-NOT-SUPPORTED",
		"SET VAR live mode z", "ERR INVALID-VALUE",
		"SET VAR live level 1", "ERR INVALID-VALUE",
		"SET VAR refusing mode a", "ERR SET-FAILED",
		"INSTCMD refusing load.off", "ERR INSTCMD-FAILED",
		"SET TRACKING ON", "OK",
		"SET VAR refusing mode a", "ERR SET-FAILED",
		"INSTCMD refusing load.off 5", "ERR INSTCMD-FAILED",
		"SET TRACKING OFF", "OK",
		"SET VAR live mode a b c", "OK", // as upsd
	)
}

func TestAliases(t *testing.T) {
	address, s := house(t, Policy{})
	p := dial(t, address)
	p.asks(
		"USERNAME secmon", "OK", "PASSWORD s3c", "OK",
		"attach LIVE", "OK",
		"ATTACH live", "ERR ALREADY-LOGGED-IN",
		"GET NUMATTACH live", "NUMATTACH live 1",
		"GET NUMLOGINS Live", "NUMLOGINS Live 1",
		"DETACH x", "ERR INVALID-ARGUMENT",
		"DETACH", "OK Goodbye",
	)
	p.closed()
	if n := s.Store.Lookup("live").Logins(); n != 0 {
		t.Errorf("%d are logged in", n)
	}
}

func TestWaiting(t *testing.T) {
	address, s := house(t, Policy{})
	p := dial(t, address)
	p.asks(
		"GET VAR waiting ups.status", `VAR waiting ups.status "WAIT"`,
		"GET TYPE waiting ups.status", "TYPE waiting ups.status NUMBER",
		"GET NUMLOGINS waiting", "NUMLOGINS waiting 0",
		"LIST VAR waiting", "BEGIN LIST VAR waiting",
	)
	for line := p.line(); !strings.HasPrefix(line, "END"); line = p.line() {
		if strings.Contains(line, "ups.status") && !strings.Contains(line, `"WAIT"`) {
			t.Errorf("listed as %q", line)
		}
	}
	s.Store.Lookup("waiting").Force()
	p.ask("GET VAR waiting ups.status", `VAR waiting ups.status "FSD WAIT"`)
}

func TestPolicyNoAnonymous(t *testing.T) {
	address, s := house(t, Policy{NoAnonymous: true})
	p := dial(t, address)
	p.asks(
		"PROTVER", "1.3",
		"GET VAR live ups.status", "ERR USERNAME-REQUIRED",
		"USERNAME secmon", "OK",
		"LIST UPS", "ERR PASSWORD-REQUIRED",
		"PASSWORD wrong", "OK",
		"LIST VAR live", "ERR ACCESS-DENIED",
	)
	known := dial(t, address)
	known.asks("USERNAME secmon", "OK", "PASSWORD s3c", "OK", "GET VAR live ups.status", `VAR live ups.status "OL"`)
	s.Users.(*Accounts).Replace(nil)
	known.ask("LOGIN live", "ERR ACCESS-DENIED") // compared anew, and so are reads from here on
	known.ask("GET VAR live ups.status", "ERR ACCESS-DENIED")
}

func TestZeroServer(t *testing.T) {
	p := dial(t, listen(t, new(Server), Policy{}))
	p.asks(
		"GET VAR u server.version", `VAR u server.version "unknown"`,
		"LIST UPS", "BEGIN LIST UPS",
	)
	if got := p.line(); got != "END LIST UPS" {
		t.Errorf("got %q", got)
	}
	p.asks(
		"GET UPSDESC u", "ERR UNKNOWN-UPS",
		"STARTTLS", "ERR FEATURE-NOT-CONFIGURED",
		"USERNAME u", "OK", "PASSWORD p", "OK", "LOGIN u", "ERR UNKNOWN-UPS",
	)
}

func TestStats(t *testing.T) {
	address, s := house(t, Policy{})
	p := dial(t, address)
	p.asks("GET VAR live ups.status", `VAR live ups.status "OL"`, "GET VAR live x", "ERR VAR-NOT-SUPPORTED", "", "ERR UNKNOWN-COMMAND", `"`, "ERR INVALID-ARGUMENT")
	got := s.Stats()
	want := []RequestCount{
		{"", "INVALID-ARGUMENT", 1}, {"", "UNKNOWN-COMMAND", 1}, {"GET VAR", "OK", 1}, {"GET VAR", "VAR-NOT-SUPPORTED", 1},
	}
	if got.Connections != 1 || got.Accepted != 1 || len(got.Requests) != len(want) {
		t.Fatalf("stats %+v", got)
	}
	for i := range want {
		if got.Requests[i] != want[i] {
			t.Errorf("count %d is %+v, want %+v", i, got.Requests[i], want[i])
		}
	}
}

func TestTablesFit(t *testing.T) {
	if len(commands) > mostCommands || len(results) > mostResults {
		t.Errorf("%d commands, %d results", len(commands), len(results))
	}
}

func TestLeadingInt(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "7": 7, " \t7": 7, "+7": 7, "-7": -7, "7.9": 7, "7V": 7, "V7": 0, "--7": 0, "- 7": 0, "0x10": 0, "99999999999999999999": 1<<31 - 1, "-99999999999999999999": 1 - 1<<31,
	} {
		if got := leadingInt(text); got != want {
			t.Errorf("leadingInt(%q) = %d, want %d", text, got, want)
		}
	}
}
