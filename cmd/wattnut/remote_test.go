package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

func TestLibraryText(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&client.ServerError{Word: nut.ErrDataStale}, "Data stale"},
		{fmt.Errorf("x: %w", &client.ServerError{Word: nut.ErrDriverNotConnected, Text: "y"}), "Driver not connected"},
		{&client.ServerError{Word: "NEW-WORD"}, "Unknown error (NEW-WORD)"},
		{&client.ProtocolError{Request: "LIST UPS", Problem: "bad", Line: "x"}, `Protocol error: LIST UPS: bad: "x"`},
		{fmt.Errorf("LIST UPS: %w", io.ErrUnexpectedEOF), "Server disconnected"},
		{fmt.Errorf("LIST UPS: %w", os.ErrDeadlineExceeded), "Server disconnected"},
		{errors.New("something else"), "something else"},
	} {
		if got := libraryText(tt.err); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.err, got, tt.want)
		}
	}
}

// oddServer answers each request line from the map, and says nothing to others.
// It keeps what was asked in one read.
func oddServer(t *testing.T, answers map[string]string) (address string, asked <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewScanner(conn)
		for in.Scan() {
			lines <- in.Text()
			io.WriteString(conn, answers[in.Text()])
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String(), lines
}

// Where NUT's clients end well over a list that is not whole, ours say so.
func TestUpscDoesNotShowHalfAList(t *testing.T) {
	const begin = "BEGIN LIST VAR u\nVAR u a.b \"1\"\n"
	for name, answer := range map[string]string{
		"error":       begin + "ERR DATA-STALE\n",
		"another row": begin + "VAR v a.c \"1\"\n",
		"long line":   begin + "VAR u a.c \"" + strings.Repeat("x", 70000) + "\"\n",
		"open quote":  begin + "VAR u a.c \"x\nEND LIST VAR u\n",
	} {
		address, _ := oddServer(t, map[string]string{"STARTTLS": "ERR UNKNOWN-COMMAND\n", "LIST VAR u": answer})
		got := runProgram(t, "", "upsc", "u@"+address)
		if got.stdout != "" || got.code != 1 || !strings.HasPrefix(got.stderr, "Error: ") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What needs no answer before the next is asked goes out at once.
func TestQuestionsArePipelined(t *testing.T) {
	answers := map[string]string{
		"STARTTLS": "ERR FEATURE-NOT-CONFIGURED\n", "USERNAME me": "OK\n", "PASSWORD \"a b\"": "OK\n",
		"INSTCMD u load.off \"1 2\"": "OK\n", "LOGOUT": "OK Goodbye\n",
	}
	address, asked := oddServer(t, answers)
	start := time.Now()
	got := runProgram(t, "", "upscmd", "-u", "me", "-p", "a b", "u@"+address, "load.off", "1 2", "3")
	if got.code != 0 || got.stderr != "OK\n" || time.Since(start) > 4*time.Second {
		t.Errorf("after %v: %+v", time.Since(start), got)
	}
	for _, want := range []string{"STARTTLS", "USERNAME me", `PASSWORD "a b"`, `INSTCMD u load.off "1 2"`, "LOGOUT"} {
		if line := <-asked; line != want {
			t.Errorf("asked %q, want %q", line, want)
		}
	}
}

func TestNoTracking(t *testing.T) {
	answers := map[string]string{
		"STARTTLS": "ERR FEATURE-NOT-CONFIGURED\n", "USERNAME me": "OK\n", "PASSWORD x": "OK\n",
		"SET TRACKING ON": "OK\n", "INSTCMD u load.off": "OK\n", "LOGOUT": "OK Goodbye\n",
	}
	words := []string{"upscmd", "-w", "-u", "me", "-p", "x", "", "load.off"}
	for quiet, want := range map[string]string{"": "OK\nThe server does not tell what comes of an order\n", "1": "OK\n"} {
		t.Setenv("NUT_QUIET_OK_NOTRACKING", quiet)
		address, _ := oddServer(t, answers)
		words[6] = "u@" + address
		if got := runProgram(t, "", words...); got.stderr != want || got.code != 0 {
			t.Errorf("%+v", got)
		}
	}
	answers["SET TRACKING ON"] = "ERR INVALID-ARGUMENT\n"
	address, _ := oddServer(t, answers)
	words[6] = "u@" + address
	if got := runProgram(t, "", words...); got.code != 1 || got.stderr != "Unexpected response from upsd: ERR INVALID-ARGUMENT\n" {
		t.Errorf("%+v", got)
	}
}

func TestClientsOverTLS(t *testing.T) {
	directives, _ := nuttest.CertDB(t)
	u := nuttest.StartUPSD(t, nuttest.Config{Devices: compareDevices(), Users: compareUsers, Directives: directives})
	for _, words := range [][]string{
		{"upsc", "full@" + u.Addr},
		{"upscmd", "-l", "full@" + u.Addr},
		{"upscmd", "-w", "-u", "admin", "-p", "sekret", "full@" + u.Addr, "load.off"},
		{"upsrw", "full@" + u.Addr},
	} {
		theirs, ours := runReal(t, u, "", words), runProgram(t, "", words...)
		if ours.stdout != theirs.stdout || ours.code != 0 {
			t.Errorf("%q:\nours\n%+v\ntheirs\n%+v", words, ours, theirs)
		}
	}
	c, err := remote{}.dial(t.Context(), u.Addr)
	if err != nil || !c.Secure() {
		t.Fatalf("not over TLS: %v", err)
	}
	c.Close()
}

func TestConnectTimeout(t *testing.T) {
	for _, tt := range []struct {
		given, environment string
		want               time.Duration
	}{
		{"", "", 10 * time.Second},
		{"3", "", 3 * time.Second},
		{"", "4", 4 * time.Second},
		{"3", "4", 3 * time.Second},
		{"0.5", "", time.Second / 2},
		{"0", "", 0},
		{"x", "", 0},
		{"", "-1", 0},
	} {
		t.Setenv("NUT_DEFAULT_CONNECT_TIMEOUT", tt.environment)
		if got, err := (remote{timeout: tt.given}).limit(); got != tt.want || (err == nil) != (tt.want > 0) {
			t.Errorf("%q, %q: %v, %v", tt.given, tt.environment, got, err)
		}
	}
}
