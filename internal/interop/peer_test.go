package interop

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// peer is a client by hand.
type peer struct {
	net.Conn

	tb testing.TB
	r  *bufio.Reader
}

func (s *site) dial() *peer {
	s.Helper()
	c, err := net.DialTimeout("tcp", s.addr(), patience)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { c.Close() })
	return &peer{c, s, bufio.NewReader(c)}
}

// ask sends a request and returns the line that is the answer.
func (p *peer) ask(request string) string {
	p.tb.Helper()
	line, err := p.try(request)
	if err != nil {
		p.tb.Fatalf("%s: %v", request, err)
	}
	return line
}

// try is ask for what may fail.
func (p *peer) try(request string) (string, error) {
	p.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintln(p, request); err != nil {
		return "", err
	}
	line, err := p.r.ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err
}

// asks asks pairs of requests and answers.
func (p *peer) asks(pairs ...string) {
	p.tb.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := p.ask(pairs[i]); got != pairs[i+1] {
			p.tb.Errorf("%q is answered %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}

// answer is the one line that a server answers, over a connection of its own.
func (s *site) answer(request string) (string, error) {
	c, err := net.DialTimeout("tcp", s.addr(), patience)
	if err != nil {
		return "", err
	}
	defer c.Close()
	return (&peer{c, s, bufio.NewReader(c)}).try(request)
}

// becomes waits until a server answers so.
func (s *site) becomes(request, want string) {
	s.Helper()
	nuttest.Await(s, func() error {
		got, err := s.answer(request)
		if err == nil && got != want {
			err = fmt.Errorf("%s is answered %q, want %q", request, got, want)
		}
		return err
	})
}

// list asks for a list and returns its rows.
func (p *peer) list(what string) ([]string, error) {
	line, err := p.try("LIST " + what)
	if err != nil {
		return nil, err
	}
	if line != "BEGIN LIST "+what {
		return nil, errors.New(line)
	}
	var rows []string
	for {
		line, err := p.r.ReadString('\n')
		if err != nil {
			return rows, err
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "END LIST "+what {
			return rows, nil
		}
		rows = append(rows, line)
	}
}
