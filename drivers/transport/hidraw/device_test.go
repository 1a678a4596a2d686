//go:build linux

package hidraw

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

func all(usbdev.Info) bool { return true }

// piped opens a UPS whose node is a pipe: it can be read, written and locked, and
// takes no request. What is written is read again.
func piped(t *testing.T, o usbdev.Options, nodes ...string) (system, *Device) {
	t.Helper()
	var files []map[string]string
	for i, node := range nodes {
		files = append(files, ups(node, string(rune('1'+i)), string(rune('1'+i)), "S"+node))
	}
	s := tree(t, merge(files...))
	for _, node := range nodes {
		path := filepath.Join(s.dev, node)
		if err := errors.Join(os.Remove(path), unix.Mkfifo(path, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	d, err := s.open(t.Context(), all, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return s, d
}

// Two that match alike are opened by two, a third finds them busy, and one that is
// closed can be opened again.
func TestOpenLocks(t *testing.T) {
	s, first := piped(t, usbdev.Options{}, "hidraw0", "hidraw1")
	second, err := s.open(t.Context(), all, usbdev.Options{})
	if err != nil || first.Info().Serial != "Shidraw0" || second.Info().Serial != "Shidraw1" {
		t.Fatalf("first %v, second %v, %v", first.Info(), second, err)
	}
	defer second.Close()
	_, err = s.open(t.Context(), all, usbdev.Options{})
	if !errors.Is(err, usbdev.ErrBusy) || !strings.Contains(err.Error(), "051d:0002") || !strings.Contains(err.Error(), "another section") {
		t.Errorf("a third: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := s.open(t.Context(), all, usbdev.Options{})
	if err != nil || again.Info() != first.Info() {
		t.Fatalf("again: %v", err)
	}
	again.Close()
}

func TestOpenNone(t *testing.T) {
	s, _ := piped(t, usbdev.Options{}, "hidraw0")
	for _, tt := range []struct {
		name  string
		match func(usbdev.Info) bool
		o     usbdev.Options
		want  error
	}{
		{"none matches", func(usbdev.Info) bool { return false }, usbdev.Options{}, usbdev.ErrGone},
		{"another interface", all, usbdev.Options{Interface: 1}, usbdev.ErrGone},
		{"busy", all, usbdev.Options{}, usbdev.ErrBusy},
	} {
		_, err := s.open(t.Context(), tt.match, tt.o)
		if e, ok := errors.AsType[*usbdev.MissingError](err); !ok || e.Again() == nil || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.open(ended, all, usbdev.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its time: %v", err)
	}
}

// The id that the kernel wants of what is written is put before a packet of a device
// that numbers none, and only there.
func TestReadWrite(t *testing.T) {
	var tape bytes.Buffer
	s, d := piped(t, usbdev.Options{Record: usbdev.NewRecorder(&tape)}, "hidraw0")
	buf := make([]byte, 8)
	for _, tt := range []struct {
		descriptor string
		want       []byte
	}{{"\x05\x84\x85\x01", []byte("Q1\r")}, {"\x05\x84", []byte("\x00Q1\r")}} {
		if err := os.WriteFile(filepath.Join(s.folder("hidraw0"), "report_descriptor"), []byte(tt.descriptor), 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := d.WriteInterrupt(t.Context(), []byte("Q1\r")); n != 3 || err != nil {
			t.Fatalf("wrote %d, %v", n, err)
		}
		if n, err := d.ReadInterrupt(t.Context(), buf); !bytes.Equal(buf[:n], tt.want) || err != nil {
			t.Errorf("%x: %q, %v", tt.descriptor, buf[:n], err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := d.ReadInterrupt(ctx, buf); !errors.Is(err, usbdev.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing to read: %v", err)
	}
	if descriptor, err := d.ReportDescriptor(t.Context()); string(descriptor) != "\x05\x84" || err != nil {
		t.Errorf("descriptor: %x, %v", descriptor, err)
	}
	for _, want := range []string{"info {", `"Serial":"Shidraw0"`, "out > 51310d < \n", "in < 51310d\n", "descriptor < 0584\n"} {
		if !strings.Contains(tape.String(), want) {
			t.Errorf("recorded without %s: %s", want, tape.String())
		}
	}
}

// What the file cannot do is told, whatever is asked.
func TestUnsupported(t *testing.T) {
	_, d := piped(t, usbdev.Options{}, "hidraw0")
	ctx, buf := t.Context(), make([]byte, 8)
	for name, f := range map[string]func() error{
		"get":               func() error { _, err := d.GetReport(ctx, usbdev.Feature, 1, buf); return err },
		"get of no kind":    func() error { _, err := d.GetReport(ctx, 9, 1, buf); return err },
		"get into nothing":  func() error { _, err := d.GetReport(ctx, usbdev.Feature, 1, nil); return err },
		"set":               func() error { return d.SetReport(ctx, usbdev.Feature, buf) },
		"set of input":      func() error { return d.SetReport(ctx, usbdev.Input, buf) },
		"set of nothing":    func() error { return d.SetReport(ctx, usbdev.Feature, nil) },
		"set of much":       func() error { return d.SetReport(ctx, usbdev.Feature, make([]byte, maxReport+1)) },
		"interface control": func() error { _, err := d.Control(ctx, 0xa1, 1, 0, 0, buf); return err },
	} {
		if err := f(); !errors.Is(err, usbdev.ErrUnsupported) || !strings.Contains(err.Error(), " ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// On a kernel before 5.11 an output report is written.
	if err := d.SetReport(ctx, usbdev.Output, []byte("\x00Q1\r")); err != nil {
		t.Errorf("set output: %v", err)
	}
	if _, err := d.String(ctx, 0); !errors.Is(err, usbdev.ErrStall) {
		t.Errorf("string 0: %v", err)
	}
	if _, err := d.String(ctx, 1); !errors.Is(err, usbdev.ErrGone) { // there is no such file
		t.Errorf("string 1: %v", err)
	}
}

// A request that hangs holds neither its caller, nor the next one, nor Close.
func TestHungRequest(t *testing.T) {
	_, d := piped(t, usbdev.Options{}, "hidraw0")
	release, ended := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := d.turn.Do(ctx, func() (int, error) { <-release; close(ended); return 1, nil }); !errors.Is(err, usbdev.ErrTimeout) {
		t.Errorf("it hangs: %v", err)
	}
	if _, err := d.GetReport(ctx, usbdev.Feature, 1, make([]byte, 8)); !errors.Is(err, usbdev.ErrTimeout) || !strings.Contains(err.Error(), "request before hangs") {
		t.Errorf("the next: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	close(release)
	<-ended
}

func TestNumbered(t *testing.T) {
	for _, tt := range []struct {
		descriptor string
		want       bool
	}{
		{"", false},
		{"\x05\x84\x09\x04\xa1\x01\x85\x01", true},
		{"\x05\x84\x09\x85\xa1\x01", false}, // a value that looks like one
		{"\x06\x85\x85\x27\x85\x85\x85\x85\x85\x01", true},
		{"\xfe\x02\x00\x85\x85\x85\x01", true}, // after a long item
		{"\xfe\x02\x00\x85\x85", false},
		{"\xfe", false},
		{"\x27", false},
	} {
		if got := numbered([]byte(tt.descriptor)); got != tt.want {
			t.Errorf("%x: %v", tt.descriptor, got)
		}
	}
}

func FuzzNumbered(f *testing.F) {
	f.Add([]byte("\x05\x84\xfe\x02\x00\x85\x85"))
	f.Fuzz(func(_ *testing.T, descriptor []byte) { numbered(descriptor) })
}

// TestReadAgain: the end of the time of one read, whenever that is, does not end the
// next.
func TestReadAgain(t *testing.T) {
	s, d := piped(t, usbdev.Options{}, "hidraw0")
	ups, err := os.OpenFile(filepath.Join(s.dev, "hidraw0"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer ups.Close()
	buf := make([]byte, 8)
	for range 5000 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if _, err := ups.WriteString("x"); err != nil {
			t.Fatal(err)
		}
		n, err := d.ReadInterrupt(ctx, buf)
		if err != nil && !errors.Is(err, usbdev.ErrTimeout) {
			t.Fatal(err)
		}
		if n == 1 { // what came is read
			if _, err := ups.WriteString("y"); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := d.ReadInterrupt(t.Context(), buf); n != 1 || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
		cancel()
	}
}

// TestReopened: a device that is opened a hundred times leaves no file open and no
// goroutine behind.
func TestReopened(t *testing.T) {
	s, first := piped(t, usbdev.Options{}, "hidraw0")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	left := func() (files, goroutines int) {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all), runtime.NumGoroutine()
	}
	filesBefore, goroutinesBefore := left()
	for range 100 {
		d, err := s.open(t.Context(), all, usbdev.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if _, err := d.ReadInterrupt(ctx, make([]byte, 8)); !errors.Is(err, usbdev.ErrTimeout) {
			t.Fatal(err)
		}
		cancel()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	const some = 8 // of what the runtime has, or other tests leave
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		files, goroutines := left()
		if files <= filesBefore+some && goroutines <= goroutinesBefore+some {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d files are open and were %d, %d goroutines run and were %d", files, filesBefore, goroutines, goroutinesBefore)
		}
	}
}
