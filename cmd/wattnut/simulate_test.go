package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// played is a "wattnut simulate" that a test gives orders to.
type played struct {
	*testing.T

	orders io.Writer
	says   *bufio.Reader
}

// play starts one; end ends it and returns its exit code.
func play(t *testing.T, args ...string) (p *played, end func() int) {
	t.Helper()
	typed, orders := io.Pipe()
	shown, stdout := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() {
		code <- runSimulate(ctx, call{name: "simulate", args: args, stdin: typed, stdout: stdout, stderr: stdout})
		stdout.Close()
	}()
	p = &played{t, orders, bufio.NewReader(shown)}
	return p, func() int {
		cancel()
		orders.Close()
		io.Copy(io.Discard, p.says)
		return <-code
	}
}

// line is the next line that is shown.
func (p *played) line() string {
	p.Helper()
	line, err := p.says.ReadString('\n')
	if err != nil {
		p.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

func (p *played) order(line, want string) {
	p.Helper()
	io.WriteString(p.orders, line+"\n")
	if got := p.line(); !strings.Contains(got, want) {
		p.Errorf("%s: %q, want %q", line, got, want)
	}
}

// ask asks at a serial line, "" for no answer.
func ask(t *testing.T, port *serial.Port, question string) string {
	t.Helper()
	if err := port.Write(t.Context(), []byte(question)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	answer, err := port.ReadLine(ctx, "\r", 100)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return string(answer)
}

func TestSimulateOnALine(t *testing.T) {
	link := filepath.Join(t.TempDir(), "tty")
	p, end := play(t, "--protocol", "megatec", "--at", link, "preset=office", "load=40", "load.swing=0", "battery.health=100")
	if got := p.line(); got != "a UPS that speaks megatec is at "+link {
		t.Error(got)
	}
	port, err := serial.Open(t.Context(), link, serial.Settings{Speed: 2400})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, port, "Q1\r"); !strings.Contains(got, " 040 ") || !strings.Contains(got, " 0") {
		t.Errorf("Q1: %q", got)
	}
	p.order("mains off", "on battery; input 0 V")
	if got := ask(t, port, "Q1\r"); !strings.HasPrefix(got, "(000.0 ") {
		t.Errorf("Q1: %q", got)
	}
	p.order("go silent", "silent")
	if got := ask(t, port, "Q1\r"); got != "" {
		t.Errorf("silent, it says %q", got)
	}
	p.order("dance", "is no order")
	p.order("speak", "on battery")
	if got := ask(t, port, "F\r"); !strings.HasPrefix(got, "#230.0 ") {
		t.Errorf("F: %q", got)
	}
	port.Close()
	if code := end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Lstat(link); err == nil {
		t.Error("the link is left behind")
	}
}

func TestSimulateRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args, want string
		code       int
	}{
		{"", `there is no protocol ""`, 2},
		{"--protocol morse", `there is no protocol "morse"`, 2},
		{"--protocol megatec load", `"load" is no setting: write name=value`, 2},
		{"--protocol megatec load=-3", "load: -3 is not from 0 to 200", 2},
		{"--protocol megatec nonsense=1", "this driver has no such setting", 2},
		{"--speed 3", "flag provided but not defined", 2},
		{"--protocol apcsmart --at " + file, "file exists", 1},
	} {
		var said bytes.Buffer
		code := runSimulate(t.Context(), call{name: "simulate", args: strings.Fields(tt.args), stdin: strings.NewReader(""), stdout: &said, stderr: &said})
		if code != tt.code || !strings.Contains(said.String(), tt.want) {
			t.Errorf("%s: %d, %s", tt.args, code, &said)
		}
	}
	if data, _ := os.ReadFile(file); string(data) != "precious" {
		t.Error("a file was overwritten")
	}
}
