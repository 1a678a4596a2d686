//go:build unix

package serial

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func openFar(t *testing.T) (*Port, io.ReadWriteCloser, string) {
	t.Helper()
	far, near, err := Far()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	p, err := Open(limit(t, 5*time.Second), near, Settings{Speed: 2400, Power: &Lines{DTR: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, far, near
}

func TestOpen(t *testing.T) {
	p, far, near := openFar(t)
	ctx := limit(t, 5*time.Second)
	say(t, far, "\x00\xffhello\r")
	if line, err := p.ReadLine(ctx, "\r", 80); string(line) != "\x00\xffhello" || err != nil {
		t.Errorf("%q, %v", line, err)
	}
	if err := p.Write(ctx, []byte("Q1\r\n")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4)
	if _, err := io.ReadFull(far, b); string(b) != "Q1\r\n" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := p.Inputs(); !errors.Is(err, ErrNoLines) {
		t.Errorf("a pseudo-terminal has lines: %v", err)
	}
	if _, err := Open(ctx, near, Settings{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("opened twice: %v", err)
	}
	p.Close()
	again, err := Open(ctx, near, Settings{Bits: 7, Parity: Even, Stop: 2})
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

// TestLock: a driver of NUT's keeps us out by its lock.
func TestLock(t *testing.T) {
	far, near, err := Far()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	f, err := os.OpenFile(near, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), near, Settings{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}

func TestPulledOut(t *testing.T) {
	p, far, near := openFar(t)
	far.Close()
	if _, err := p.Byte(limit(t, 5*time.Second)); !errors.Is(err, ErrVanished) {
		t.Errorf("got %v", err)
	}
	if err := p.Write(limit(t, 5*time.Second), []byte("x")); !errors.Is(err, ErrVanished) {
		t.Errorf("got %v", err)
	}
	if _, err := p.Inputs(); err == nil {
		t.Error("its lines can be read")
	}
	p.Close()
	if _, err := Open(t.Context(), near, Settings{}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "plugged in") {
		t.Errorf("got %v", err)
	}
}

// TestFull: nobody reads at the far end.
func TestFull(t *testing.T) {
	p, far, _ := openFar(t)
	err := p.Write(limit(t, 100*time.Millisecond), make([]byte, 1<<20))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := p.Write(t.Context(), []byte("x")); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	p.Close()
	far.Close()
}

func TestWrongSettings(t *testing.T) {
	far, near, err := Far()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		path string
		s    Settings
	}{
		{t.Context(), near, Settings{Stop: 3}},
		{t.Context(), near, Settings{Parity: 9}},
		{t.Context(), near, Settings{Bits: 9}},
		{t.Context(), near, Settings{Speed: -1}},
		{t.Context(), file, Settings{}},
		{t.Context(), "", Settings{}},
		{ended, near, Settings{}},
	} {
		if p, err := Open(tt.ctx, tt.path, tt.s); err == nil {
			p.Close()
			t.Errorf("%+v opens %s", tt.s, tt.path)
		}
	}
}

// TestManyFiles: a port whose descriptor is beyond what select(2) can wait for
// ends alone, not with the process.
func TestManyFiles(t *testing.T) {
	for range 1030 {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Skipf("no more files can be open here: %v", err)
		}
		defer f.Close()
	}
	p, far, _ := openFar(t)
	say(t, far, "x")
	if b, err := p.Byte(limit(t, 5*time.Second)); err != nil && !errors.Is(err, ErrVanished) {
		t.Errorf("%q, %v", b, err)
	} else {
		t.Log(b, err)
	}
}
