package main

import (
	"bufio"
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
func (p *prompter) complete(given credentials) (name, password string, err error) {
	if given.user != nil {
		name = *given.user
	} else if name, err = p.user(); err != nil {
		return "", "", err
	}
	if given.password != nil {
		return name, *given.password, nil
	}
	password, err = p.password()
	return name, password, err
}

// user asks for a name; an empty answer is the one of the system's user.
func (p *prompter) user() (string, error) {
	known := ""
	if me, err := user.Current(); err == nil {
		known = me.Username
		fmt.Fprintf(p.stdout, "Username (%s): ", known)
	} else {
		fmt.Fprint(p.stdout, "Username: ")
	}
	name, err := p.line()
	if err == nil && name == "" {
		name = known
	}
	return name, err
}

// password asks without showing what is typed.
func (p *prompter) password() (string, error) {
	fmt.Fprint(p.stderr, "Password: ")
	if f, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) && p.in.Buffered() == 0 {
		word, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(p.stderr)
		return string(word), err
	}
	return p.line()
}

// line reads an answer.
func (p *prompter) line() (string, error) {
	text, err := p.in.ReadString('\n')
	if errors.Is(err, io.EOF) && text == "" {
		return "", errStdin
	}
	return strings.TrimRight(text, "\r\n"), nil
}
