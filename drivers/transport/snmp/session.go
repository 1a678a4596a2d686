// Package snmp exchanges objects with an SNMP agent: v1, v2c and v3, as many
// objects in a packet as the agent bears. It knows nothing of what the objects
// mean.
package snmp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"
)

// What an exchange can end with, beside other errors.
var (
	// ErrSilent: no answer in time, repeated as often as Config.Retries says.
	// A wrong community is silence too.
	ErrSilent = errors.New("no answer")
	// ErrRefused: the agent does not know the v3 user, or not with this
	// password or protocol.
	ErrRefused = errors.New("the agent refuses this secName, its passwords or its secLevel")
	// ErrGarbled: the answer was none to the question.
	ErrGarbled = errors.New("garbled answer")
	// ErrTooMany: a walk came to its limit; what was read so far is returned.
	ErrTooMany = errors.New("more objects than are wanted")
)

// How much is asked for in one packet at first: maxObjects, or what makes an
// answer of about maxBytes, which no network between here and the agent has to
// split up.
const (
	maxObjects = 64
	maxBytes   = 1300
)

// Session is an agent that can be asked. It belongs to one goroutine.
type Session struct {
	library *gosnmp.GoSNMP
	retries int
	limit   int // most objects in one packet, as far as is known
	proven  int // largest number of objects that was answered
	sent    int
}

// Open makes a session. With UDP it sends nothing; host names are looked up.
func Open(ctx context.Context, c Config) (*Session, error) {
	library, err := Library(c)
	if err != nil {
		return nil, err
	}
	s := &Session{library: library, retries: c.Retries, limit: maxObjects}
	s.library.Context = ctx
	s.library.OnSent = func(*gosnmp.GoSNMP) { s.sent++ }
	if err := s.library.Connect(); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends the session.
func (s *Session) Close() error { return s.library.Conn.Close() }

// Sent is how many packets went out.
func (s *Session) Sent() int { return s.sent }

// Peer is the agent's address; the zero Addr where it has none.
func (s *Session) Peer() netip.Addr {
	at, err := netip.ParseAddrPort(s.library.Conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// Set writes one object.
func (s *Session) Set(ctx context.Context, v Value) error {
	answer, err := s.exchange(ctx, s.retries, func() (*gosnmp.SnmpPacket, error) {
		return s.library.Set([]gosnmp.SnmpPDU{v.PDU()})
	})
	if err != nil {
		return err
	}
	if answer.Error != gosnmp.NoError {
		return fmt.Errorf("set %s: the agent says %s", v.OID, answer.Error)
	}
	return nil
}

// Walk reads all objects under root, in the agent's order, but no more than
// limit.
func (s *Session) Walk(ctx context.Context, root string, limit int) ([]Value, error) {
	var all []Value
	for last := root; ; {
		values, err := s.next(ctx, last)
		if err != nil {
			return all, err
		}
		for _, v := range values {
			if v.Kind == Absent || !below(v.OID, root) {
				return all, nil
			}
			if compare(v.OID, last) <= 0 {
				return all, fmt.Errorf("walk of %s: %w: %s does not come after %s", root, ErrGarbled, v.OID, last)
			}
			if len(all) == limit {
				return all, fmt.Errorf("walk of %s: %w", root, ErrTooMany)
			}
			last = v.OID
			all = append(all, v)
		}
		if len(values) == 0 {
			return all, nil
		}
	}
}

// next reads what comes after oid: one object with v1, else a handful.
func (s *Session) next(ctx context.Context, oid string) ([]Value, error) {
	const handful = 25
	answer, err := s.exchange(ctx, s.retries, func() (*gosnmp.SnmpPacket, error) {
		if s.library.Version == gosnmp.Version1 {
			return s.library.GetNext([]string{oid})
		}
		return s.library.GetBulk([]string{oid}, 0, uint32(min(handful, s.limit))) //nolint:gosec // small
	})
	switch {
	case err != nil:
		return nil, err
	case answer.Error == gosnmp.NoSuchName:
		return nil, nil // the end, in v1
	case answer.Error == gosnmp.TooBig && s.limit > 1:
		s.limit = min(s.limit, handful) / 2
		return s.next(ctx, oid)
	case answer.Error != gosnmp.NoError:
		return nil, fmt.Errorf("after %s: the agent says %s", oid, answer.Error)
	}
	values := make([]Value, 0, len(answer.Variables))
	for _, pdu := range answer.Variables {
		values = append(values, FromPDU(pdu))
	}
	return values, nil
}

// exchange asks, and repeats so often. It returns soon after ctx ends.
func (s *Session) exchange(ctx context.Context, retries int, ask func() (*gosnmp.SnmpPacket, error)) (*gosnmp.SnmpPacket, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.library.Context, s.library.Retries = ctx, retries
	conn := s.library.Conn // with TCP there may be another afterwards
	stop := context.AfterFunc(ctx, func() {
		conn.SetDeadline(time.Unix(1, 0)) // what is waited for comes too late
	})
	defer stop()
	answer, err := ask()
	if err == nil {
		return answer, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return nil, said(err)
}

// said makes of gosnmp's errors those that mean something here.
func said(err error) error {
	switch {
	case errors.Is(err, gosnmp.ErrMaxRetriesExceeded):
		return ErrSilent
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", ErrSilent, err)
	case errors.Is(err, gosnmp.ErrUnknownUsername), errors.Is(err, gosnmp.ErrWrongDigest),
		errors.Is(err, gosnmp.ErrDecryption), errors.Is(err, gosnmp.ErrUnknownSecurityLevel):
		return fmt.Errorf("%w: %w", ErrRefused, err)
	case strings.HasPrefix(err.Error(), "recover:"): // a panic on what came, with a stack in its text
		return ErrGarbled
	}
	return err
}
