package snmp

import (
	"context"
	"fmt"
)

// Playback is a Session's part, played from a recording: the same calls with
// the same results, and nobody is asked.
type Playback struct {
	*Recording
	Asked int // calls of Get so far
}

// Get reads objects; see [Session.Get].
func (p *Playback) Get(ctx context.Context, oids []string) ([]Value, error) {
	p.Asked++
	values := make([]Value, 0, len(oids))
	for _, oid := range oids {
		values = append(values, p.Recording.Get(oid))
	}
	return values, ctx.Err()
}

// Walk reads all objects under root; see [Session.Walk].
func (p *Playback) Walk(ctx context.Context, root string, limit int) ([]Value, error) {
	var all []Value
	for v := p.Next(root); below(v.OID, root) && v.Kind != Absent; v = p.Next(v.OID) {
		if len(all) == limit {
			return all, fmt.Errorf("walk of %s: %w", root, ErrTooMany)
		}
		all = append(all, v)
	}
	return all, ctx.Err()
}

// Set writes an object that is there, of the same kind.
func (p *Playback) Set(_ context.Context, v Value) error {
	if !p.Recording.Set(v) {
		return fmt.Errorf("set %s: there is no such object of this kind", v.OID)
	}
	return nil
}

// Close does nothing.
func (p *Playback) Close() error { return nil }

// Recorder is a Session that remembers what the agent said.
type Recorder struct {
	*Session
	Said Recording
}

// Get reads objects; see [Session.Get].
func (r *Recorder) Get(ctx context.Context, oids []string) ([]Value, error) {
	values, err := r.Session.Get(ctx, oids)
	r.keep(values)
	return values, err
}

// Walk reads all objects under root; see [Session.Walk].
func (r *Recorder) Walk(ctx context.Context, root string, limit int) ([]Value, error) {
	values, err := r.Session.Walk(ctx, root, limit)
	r.keep(values)
	return values, err
}

func (r *Recorder) keep(values []Value) {
	for _, v := range values {
		if v.Kind != Absent {
			r.Said.Put(v)
		}
	}
}
