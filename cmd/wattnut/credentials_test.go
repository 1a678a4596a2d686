//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// openTerminal returns both ends of a terminal: where a person types, and what
// a program reads from.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { person.Close() })
	fd := int(person.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err = errors.Join(err, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)); err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

func TestPasswordFromTerminal(t *testing.T) {
	person, program := openTerminal(t)
	if _, err := io.WriteString(person, "me\n"); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr typist
	stderr.said = func() { io.WriteString(person, "sekret\n") } // once it is asked for
	p := newPrompter(call{stdin: program, stdout: &stdout, stderr: &stderr})
	user, password, err := p.complete(t.Context(), credentials{})
	if user != "me" || password != "sekret" || err != nil {
		t.Errorf("got %q, %q, %v", user, password, err)
	}
	if got := stderr.String(); got != "Password: \n" {
		t.Errorf("standard error %q", got)
	}
}

func TestPromptEndsWithTheProgram(t *testing.T) {
	_, program := openTerminal(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	before, err := term.GetState(int(program.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	p := newPrompter(call{stdin: program, stdout: io.Discard, stderr: io.Discard})
	if _, err := p.password(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if after, err := term.GetState(int(program.Fd())); err != nil || *after != *before {
		t.Errorf("the terminal is not as it was: %v", err)
	}
}

// typist is output that somebody answers, once, a moment after it was written.
type typist struct {
	bytes.Buffer

	said func()
}

func (w *typist) Write(p []byte) (int, error) {
	if w.said != nil {
		time.AfterFunc(50*time.Millisecond, w.said)
		w.said = nil
	}
	return w.Buffer.Write(p)
}
