package probe

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/wire"
)

const (
	maxUPS     = 2048     // that one server may have
	maxName    = 255      // bytes of a name
	maxAsked   = 64       // UPSes that are asked about in one write
	maxBroken  = 4        // conversations with one server that may go wrong
	maxAnswers = 16 << 20 // bytes of all answers together
)

// IsName tells whether a UPS can have that name.
func IsName(s string) bool { return s != "" && len(s) <= maxName && wire.Clean(s) }

// survey asks a server for its UPSes, and one question about each of some of
// them.
type survey[T any] struct {
	line
	question func(ups string) *client.Call[T]
	size     func(T) int
	names    []string // nil for all that the server has

	listed  bool
	list    []client.UPS
	version string
	answers map[string]answer[T] // by name
	total   int                  // bytes of the answers
}

type answer[T any] struct {
	value T
	err   error
}

var errTooMuch = errors.New("the answers are too large")

// run asks until there is an answer for each UPS, or none can be had: then it
// says why. Answers that there are, are there. A UPS whose answer breaks the
// conversation is left aside, and the others are asked for over another
// connection.
func (s *survey[T]) run(ctx context.Context) error {
	leave, err := s.server.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	s.answers = make(map[string]answer[T])
	for broken := 0; ; {
		todo := s.todo()
		if s.listed && len(todo) == 0 {
			return nil
		}
		c, kept, err := s.take(ctx)
		if err != nil {
			return err
		}
		before := len(s.answers)
		listed := s.listed
		err = s.round(ctx, c, todo)
		if err == nil {
			s.put(c)
			continue
		}
		discard(c)
		progress := len(s.answers) - before
		if kept && progress == 0 && listed == s.listed {
			continue // the server had closed it meanwhile; there are only so many kept ones
		}
		if !s.listed || errors.Is(err, errTooMuch) || progress >= len(todo) || isCanceled(ctx) {
			return err
		}
		if s.server.memory.suspect(todo[progress]) {
			s.server.log.Warn("answer about a UPS cannot be read", "ups", todo[progress], "error", err)
		}
		s.answers[todo[progress]] = answer[T]{err: err}
		if broken++; broken >= maxBroken || ctx.Err() != nil {
			return err
		}
	}
}

// isCanceled tells whether nobody waits for the answer any more, which is no
// fault of the server.
func isCanceled(ctx context.Context) bool { return errors.Is(context.Cause(ctx), context.Canceled) }

// round asks for the list, if there is none yet, and about some UPSes, in one
// write. Its error is one that ends the connection.
func (s *survey[T]) round(ctx context.Context, c *conn, todo []string) error {
	s.version = c.version
	var calls []client.Request
	list := client.ListUPS()
	if !s.listed {
		calls = append(calls, list)
	}
	asked := make([]*client.Call[T], len(todo))
	for i, name := range todo {
		asked[i] = s.question(name)
		calls = append(calls, asked[i])
	}
	broken := c.Do(ctx, calls...)
	if !s.listed {
		var err error
		if s.list, err = list.Result(); err != nil {
			return err
		}
		s.list, s.listed = tidy(s.list), true
	}
	for i, q := range asked {
		value, err := q.Result()
		if err != nil && !refused(err) {
			return err
		}
		s.answers[todo[i]] = answer[T]{value, err}
		if s.total += s.size(value); s.total > maxAnswers {
			return errTooMuch
		}
	}
	return broken
}

// refused tells whether an error is an answer of the server, after which the
// connection goes on. One in the middle of a list is none.
func refused(err error) bool {
	_, broken := errors.AsType[*client.ProtocolError](err)
	_, said := errors.AsType[*client.ServerError](err)
	return said && !broken
}

// tidy leaves out what is no name, and what differs from another in case alone.
func tidy(list []client.UPS) []client.UPS {
	seen := make(map[nut.Name]bool, len(list))
	return slices.DeleteFunc(list, func(u client.UPS) bool {
		key := nut.Name(u.Name).Fold()
		again := seen[key]
		seen[key] = true
		return again || !IsName(u.Name)
	})
}

// wanted are the names that are asked about, as far as they are known.
func (s *survey[T]) wanted() []string {
	switch {
	case s.names != nil:
		return s.names
	case s.listed:
		names := make([]string, len(s.list))
		for i, u := range s.list {
			names[i] = u.Name
		}
		return names
	}
	return s.server.memory.names()
}

// todo are the next names to ask about: those that broke the conversation the
// last time come at the end.
func (s *survey[T]) todo() []string {
	open := slices.DeleteFunc(slices.Clone(s.wanted()), func(name string) bool {
		_, done := s.answers[name]
		return done
	})
	s.server.memory.suspectsLast(open)
	return open[:min(len(open), maxAsked)]
}

// find returns the server's own spelling of a name, and its description.
func (s *survey[T]) find(name string) client.UPS {
	for _, u := range s.list {
		if u.Name == name {
			return u
		}
	}
	for _, u := range s.list {
		if strings.EqualFold(u.Name, name) {
			return u
		}
	}
	return client.UPS{Name: name}
}
