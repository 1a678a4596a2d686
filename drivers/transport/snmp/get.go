package snmp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// Get reads objects. The values are in the order of the oids; one that the
// agent does not have, or does not show, is Absent.
func (s *Session) Get(ctx context.Context, oids []string) ([]Value, error) {
	all := make([]Value, 0, len(oids))
	for len(all) < len(oids) {
		part := oids[len(all):]
		part = part[:s.fit(part)]
		values, err := s.get(ctx, part)
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
	}
	return all, nil
}

// fit is how many of the oids go into the next packet.
func (s *Session) fit(oids []string) int {
	bytes := 0
	for i, oid := range oids {
		bytes += size(oid)
		if i == s.limit || i > 0 && bytes > maxBytes {
			return i
		}
	}
	return len(oids)
}

// get reads at least the first of the oids, and as many more as the agent bears
// at once.
func (s *Session) get(ctx context.Context, oids []string) ([]Value, error) {
	for {
		values, err := s.ask(ctx, oids)
		if err == nil {
			s.proven = max(s.proven, len(oids))
			return values, nil
		}
		tooBig := errors.Is(err, errTooBig)
		if !tooBig && !errors.Is(err, errUnclear) {
			return nil, err
		}
		if len(oids) == 1 {
			return nil, fmt.Errorf("get %s: %w", oids[0], ErrGarbled)
		}
		oids = oids[:(len(oids)+1)/2]
		if tooBig {
			s.limit = min(s.limit, len(oids))
		}
	}
}

// Why a question may be answered if it is for less.
var (
	errTooBig  = errors.New("too much for one packet")
	errUnclear = errors.New("refused for one of its objects, and not for which")
)

// ask puts one question, and again without those objects that make a v1 agent
// refuse the whole of it.
func (s *Session) ask(ctx context.Context, oids []string) ([]Value, error) {
	absent := make(map[string]bool)
	left := oids
	for {
		if len(left) == 0 {
			return join(oids, nil, absent)
		}
		answer, err := s.request(ctx, left)
		if err != nil {
			return nil, err
		}
		at := int(answer.ErrorIndex) - 1
		switch {
		case answer.Error == gosnmp.NoError:
			return join(oids, answer.Variables, absent)
		case answer.Error == gosnmp.TooBig:
			return nil, errTooBig
		case len(left) == 1:
			at = 0
		case at < 0 || at >= len(left):
			return nil, errUnclear
		}
		absent[left[at]] = true
		left = without(left, at)
	}
}

func without(oids []string, at int) []string {
	rest := make([]string, 0, len(oids)-1)
	return append(append(rest, oids[:at]...), oids[at+1:]...)
}

// request sends one GET. Where a larger one than ever before is met by silence,
// it finds out whether the agent is there at all.
func (s *Session) request(ctx context.Context, oids []string) (*gosnmp.SnmpPacket, error) {
	const few = 8
	get := func() (*gosnmp.SnmpPacket, error) { return s.library.Get(oids) }
	if len(oids) <= max(few, s.proven) {
		return s.exchange(ctx, s.retries, get)
	}
	answer, err := s.exchange(ctx, min(1, s.retries), get) // once more: a packet may get lost
	if !errors.Is(err, ErrSilent) || ctx.Err() != nil {
		return answer, err
	}
	if _, err := s.exchange(ctx, s.retries, func() (*gosnmp.SnmpPacket, error) { return s.library.Get(oids[:1]) }); err != nil {
		return nil, err
	}
	return nil, errTooBig
}

// join puts an answer into the order of the question. An answer that stops
// short is asked for again in smaller parts; one with other objects is no
// answer.
func join(oids []string, answer []gosnmp.SnmpPDU, absent map[string]bool) ([]Value, error) {
	values := make([]Value, 0, len(oids))
	for _, oid := range oids {
		switch {
		case absent[oid]:
			values = append(values, Value{OID: oid})
			continue
		case len(answer) == 0:
			return nil, errTooBig
		case strings.TrimPrefix(answer[0].Name, ".") != oid:
			return nil, fmt.Errorf("%w: %s where %s was asked for", ErrGarbled, answer[0].Name, oid)
		}
		values = append(values, FromPDU(answer[0]))
		answer = answer[1:]
	}
	return values, nil
}
