package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// logSource is a UPS that upslog watches, or all those of a server, and the
// file it is written to.
type logSource struct {
	remote
	text   string // as it was named, for messages
	target client.Target
	file   string

	conn *client.Client // nil while there is no contact
}

func newLogSource(text, file string) (*logSource, error) {
	target, err := client.ParseTarget(text)
	if err != nil {
		return nil, fmt.Errorf("Error: %w", errAddress)
	}
	return &logSource{text: text, target: target, file: file}, nil
}

// connect makes contact unless there is some.
func (s *logSource) connect(ctx context.Context) error {
	if s.conn != nil && s.conn.Unusable() == nil {
		return nil
	}
	conn, err := s.dial(ctx, s.target.Address())
	s.conn = conn
	return err
}

// sample asks for the variables, and returns a record for each UPS. Whatever
// could not be had is missing in it.
func (s *logSource) sample(ctx context.Context, names []nut.Name) []logRecord {
	if err := s.connect(ctx); err != nil {
		s.conn = nil
		return []logRecord{{ups: s.text}}
	}
	if s.target.UPS != "*" {
		return []logRecord{{ups: s.text, values: s.values(ctx, s.target.UPS, names)}}
	}
	list, err := s.conn.ListUPS(ctx)
	if err != nil {
		return []logRecord{{ups: s.text}}
	}
	records := make([]logRecord, len(list))
	for i, ups := range list {
		records[i] = logRecord{
			ups:    strings.Replace(s.text, "*", ups.Name, 1),
			values: s.values(ctx, ups.Name, names),
		}
	}
	return records
}

func (s *logSource) values(ctx context.Context, ups string, names []nut.Name) map[nut.Name]string {
	calls := make([]*client.Call[string], len(names))
	requests := make([]client.Request, len(names))
	for i, name := range names {
		calls[i] = client.GetVar(ups, name)
		requests[i] = calls[i]
	}
	_ = s.conn.Do(ctx, requests...) // each call has its error
	values := make(map[nut.Name]string, len(names))
	for i, q := range calls {
		if value, err := q.Result(); err == nil {
			values[names[i]] = value
		}
	}
	return values
}

func (s *logSource) close(ctx context.Context) {
	if s.conn != nil {
		lastly(ctx, s.conn)
	}
}
