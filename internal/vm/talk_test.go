package vm

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

// listener answers each command with its own text and the number of the answer,
// as guest/listen would.
func listener(t *testing.T) *orders {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	go func() {
		defer theirs.Close()
		fmt.Fprint(theirs, "noise of the port\nready\r\n")
		for lines, n := bufio.NewScanner(theirs), 0; lines.Scan(); n++ {
			command, _ := base64.StdEncoding.DecodeString(lines.Text())
			if string(command) == "end" {
				return
			}
			fmt.Fprintf(theirs, "%d %s\r\n", n, base64.StdEncoding.EncodeToString(command))
		}
	}()
	return newOrders(ours)
}

func TestOrders(t *testing.T) {
	o := listener(t)
	if err := o.ready(); err != nil {
		t.Fatal(err)
	}
	for i, command := range []string{"echo one", "line\nline \"'\\ \x00", ""} {
		if said, code, err := o.run(command); said != command || code != i || err != nil {
			t.Errorf("%q: %q, %d, %v", command, said, code, err)
		}
	}
	if _, _, err := o.run(strings.Repeat("x", maxCommand+1)); err == nil {
		t.Error("a command that is too long: no error")
	}
	if _, _, err := o.run("end"); !errors.Is(err, io.EOF) {
		t.Errorf("the machine's end: %v", err)
	}
}

func TestParseAnswer(t *testing.T) {
	for _, tt := range []struct {
		line, said string
		code       int
		ok         bool
	}{
		{"0 aGk=\n", "hi", 0, true},
		{"127 \n", "", 127, true},
		{"127\n", "", 127, true},
		{"\n", "", 0, false},
		{"x aGk=\n", "", 0, false},
		{"0 !\n", "", 0, false},
	} {
		said, code, err := parseAnswer(tt.line)
		if said != tt.said || code != tt.code && tt.ok || (err == nil) != tt.ok {
			t.Errorf("%q: %q, %d, %v", tt.line, said, code, err)
		}
	}
}

func TestLastWords(t *testing.T) {
	for _, tt := range []struct{ said, want string }{
		{`{"QMP": {"version": {}}}{"return": {}}{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}`, "guest-shutdown"},
		{`{"event": "RESUME"}` + "\n" + `{"event": "SHUTDOWN", "data": {"reason": "guest-reset"}} {"event": "STOP"}`, "guest-reset"},
		{`{"QMP": {}}`, ""},
		{`{"event": "SHUT`, ""},
		{``, ""},
	} {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			if line, _ := bufio.NewReader(theirs).ReadString('\n'); strings.Contains(line, "qmp_capabilities") {
				fmt.Fprint(theirs, tt.said)
			}
		}()
		if got := lastWords(ours); got != tt.want {
			t.Errorf("%s: %q, not %q", tt.said, got, tt.want)
		}
	}
}

func TestConsole(t *testing.T) {
	c := newConsole()
	_, ok, more := c.awaited("b")
	if ok {
		t.Error("something on an empty console")
	}
	c.read(strings.NewReader("a\r\nb 1\nc\nb 2\nlast"))
	<-more
	for _, tt := range []struct{ text, want string }{{"b", "b 1"}, {"none", ""}, {"b", "b 2"}, {"b", ""}, {"la", "last"}} {
		if got, ok, _ := c.awaited(tt.text); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %q, %v", tt.text, got, ok)
		}
	}
	if got := c.all(); !slices.Equal(got, []string{"a", "b 1", "c", "b 2", "last"}) {
		t.Errorf("console: %q", got)
	}
	c.read(strings.NewReader(strings.Repeat("x\n", maxLines+7)))
	if n := len(c.all()); n != maxLines {
		t.Errorf("%d lines are kept", n)
	}
}

func TestJudge(t *testing.T) {
	panicked := []string{"a", "[ 1.2] Kernel panic - not syncing: sysrq"}
	for _, tt := range []struct {
		reason  string
		console []string
		told    error
		want    End
	}{
		{"guest-shutdown", nil, nil, PoweredOff},
		{"guest-shutdown", nil, context.Canceled, PoweredOff},
		{"guest-reset", nil, nil, Rebooted},
		{"guest-reset", panicked, nil, Panicked},
		{"", panicked, context.DeadlineExceeded, Panicked},
		{"", nil, context.DeadlineExceeded, TimedOut},
		{"", nil, context.Canceled, Stopped},
		{"", nil, nil, Broken},
		{"host-signal", nil, nil, Broken},
	} {
		if got := judge(tt.reason, tt.console, tt.told); got != tt.want {
			t.Errorf("%s, %q, %v: %v, not %v", tt.reason, tt.console, tt.told, got, tt.want)
		}
	}
}

func TestParseLibraries(t *testing.T) {
	for _, tt := range []struct {
		said string
		want []string
		ok   bool
	}{
		{"\tlinux-vdso.so.1 (0x7ffc)\n\tlibc.so.6 => /lib/libc.so.6 (0x7f)\n\t/lib64/ld.so.2 (0x7f)\n", []string{"/lib/libc.so.6", "/lib64/ld.so.2"}, true},
		{"\tstatically linked\n", nil, true},
		{"\tlibx.so.1 => not found\n", nil, false},
	} {
		if got, err := parseLibraries(tt.said); !slices.Equal(got, tt.want) || (err == nil) != tt.ok {
			t.Errorf("%q: %q, %v", tt.said, got, err)
		}
	}
}
