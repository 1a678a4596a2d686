package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"

	"golang.org/x/term"
)

// credentials are who gives an order. What was not given by option is asked
// for.
type credentials struct{ user, password *string }

// prompter asks a person, or reads what a script wrote in advance.
type prompter struct {
	call

	in *bufio.Reader
}

func newPrompter(c call) *prompter { return &prompter{call: c, in: bufio.NewReader(c.stdin)} }

// complete asks for what is missing.
func (p *prompter) complete(ctx context.Context, given credentials) (name, password string, err error) {
	if given.user != nil {
		name = *given.user
	} else if name, err = p.user(ctx); err != nil {
		return "", "", err
	}
	if given.password != nil {
		return name, *given.password, nil
	}
	password, err = p.password(ctx)
	return name, password, err
}

// user asks for a name; an empty answer is the one of the system's user.
func (p *prompter) user(ctx context.Context) (string, error) {
	known := ""
	if me, err := user.Current(); err == nil {
		known = me.Username
		fmt.Fprintf(p.stdout, "Username (%s): ", known)
	} else {
		fmt.Fprint(p.stdout, "Username: ")
	}
	name, err := p.line(ctx)
	if err == nil && name == "" {
		name = known
	}
	return name, err
}

// password asks without showing what is typed.
func (p *prompter) password(ctx context.Context) (string, error) {
	fmt.Fprint(p.stderr, "Password: ")
	f, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || p.in.Buffered() > 0 {
		return p.line(ctx)
	}
	fd := int(f.Fd()) // once: a read that is left behind asks for it no more
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	defer fmt.Fprintln(p.stderr)
	word, err := unlessDone(ctx, func() (string, error) {
		word, err := term.ReadPassword(fd)
		return string(word), err
	})
	if ctx.Err() != nil { // ReadPassword still waits, with what is typed hidden
		err = errors.Join(err, term.Restore(fd, before))
	}
	return word, err
}

// line reads an answer.
func (p *prompter) line(ctx context.Context) (string, error) {
	return unlessDone(ctx, func() (string, error) {
		text, err := p.in.ReadString('\n')
		if errors.Is(err, io.EOF) && text == "" {
			return "", errStdin
		}
		return strings.TrimRight(text, "\r\n"), nil
	})
}

// unlessDone returns what read gives, or gives up when ctx ends. Nothing ends a
// read from a terminal, so it is left behind then; the program is about to end.
func unlessDone(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	given := make(chan answer, 1)
	go func() {
		text, err := read()
		given <- answer{text, err}
	}()
	select {
	case a := <-given:
		return a.text, a.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
