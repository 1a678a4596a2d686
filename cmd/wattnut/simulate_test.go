package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
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

// TestSimulateFaces has the driver that the help names for a face read it.
func TestSimulateFaces(t *testing.T) {
	for _, tt := range []struct {
		protocol, driver string
		settings         []string
		at               string
	}{
		{"apcsmart", "apcsmart", nil, ""},
		{"megatec", "nutdrv_qx", nil, ""},
		{"zinto", "blazer_ser", nil, ""},
		{"ups-mib", "snmp-ups", []string{"snmp_timeout=0.3", "snmp_retries=0"}, "127.0.0.1:0"},
		{"powernet", "snmp-ups", []string{"snmp_timeout=0.3", "snmp_retries=0"}, "127.0.0.1:0"},
		{"apcupsd", "apcupsd-ups", nil, "127.0.0.1:0"},
	} {
		t.Run(tt.protocol, func(t *testing.T) {
			args := []string{"--protocol", tt.protocol}
			if tt.at != "" {
				args = append(args, "--at", tt.at)
			}
			p, end := play(t, append(args, "preset=office", "battery.health=100")...)
			defer end()
			_, port, _ := strings.Cut(p.line(), " is at ")
			d := reader(t, tt.driver, append(tt.settings, "port="+port)...)
			if got := d.status(); !strings.Contains(got, "OL") {
				t.Errorf("status %q", got)
			}
			p.order("mains off", "on battery")
			d.becomes("OB")
			p.order("go silent", "silent")
			d.fails()
		})
	}
}

// readDevice is a driver's device that a test reads.
type readDevice struct {
	*testing.T

	open  drivers.Opener
	draft nut.Draft
}

func reader(t *testing.T, driver string, words ...string) *readDevice {
	t.Helper()
	for _, d := range all.Drivers() {
		if d.Name != driver {
			continue
		}
		open, err := d.Bind(settings(words...))
		if err != nil {
			t.Fatal(err)
		}
		return &readDevice{T: t, open: open}
	}
	t.Fatalf("no driver %s", driver)
	return nil
}

// read makes contact and reads once.
func (d *readDevice) read() error {
	ctx, cancel := context.WithTimeout(d.Context(), 20*time.Second)
	defer cancel()
	device, err := d.open(ctx, drivers.Env{UPS: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer device.Close()
	d.draft.Reset()
	for err = drivers.ErrWaiting; errors.Is(err, drivers.ErrWaiting); {
		err = device.Read(ctx, &d.draft)
	}
	return err
}

func (d *readDevice) status() string {
	d.Helper()
	if err := d.read(); err != nil {
		d.Fatal(err)
	}
	return d.draft.Value("ups.status")
}

// becomes waits for a word of the status: some UPSes take a while.
func (d *readDevice) becomes(word string) {
	d.Helper()
	nuttest.Await(d, func() error {
		if got := d.status(); !strings.Contains(got, word) {
			return fmt.Errorf("status %q, want %s", got, word)
		}
		return nil
	})
}

// fails: nobody can be read.
func (d *readDevice) fails() {
	d.Helper()
	if err := d.read(); err == nil {
		d.Errorf("a silent UPS says %q", d.draft.Value("ups.status"))
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
