package probe

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// Report is what the UPSes of a server say. It is a [collectors.Fleet].
type Report struct {
	UPSes   []collectors.UPS // those asked for, or all, in the server's order
	Version string           // of the server; "" if it was not reached
	Err     error            // why not all could be asked
}

// All yields the UPSes.
func (r *Report) All() iter.Seq[collectors.UPS] { return slices.Values(r.UPSes) }

// Ask asks what UPSes say: those of the names, or all that the server has. It
// answers within the target's time, with what there is by then: a UPS that has
// no answer is Absent, or Stale if that is what the server says of it.
func (s *Server) Ask(ctx context.Context, user User, names ...string) *Report {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	q := survey[[]client.Var]{
		line: line{s, user}, question: client.ListVar, size: weight, names: s.names(names),
	}
	err := q.run(ctx)
	if q.listed {
		s.memory.learn(q.list)
	}
	if !isCanceled(ctx) {
		s.tell(err)
	}
	r := &Report{Version: q.version, Err: err}
	for _, name := range q.wanted() {
		r.UPSes = append(r.UPSes, s.ups(q.find(name), q.answers, name))
	}
	return r
}

// names are those to ask for: each once, or what the list limits the target to.
func (s *Server) names(asked []string) []string {
	if len(asked) == 0 {
		return s.UPS // none for all
	}
	var names []string
	for _, name := range asked {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			names = append(names, name)
		}
	}
	return names
}

// Shows tells whether a UPS may be asked for by that name.
func (s *Server) Shows(ups string) bool {
	return IsName(ups) && (len(s.UPS) == 0 || slices.Contains(s.UPS, ups))
}

// Clients asks which clients are logged in to each UPS: their addresses, by the
// UPS' name. There are those that were told before an error.
func (s *Server) Clients(ctx context.Context) (map[string][]string, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	q := survey[[]string]{
		line: line{server: s}, question: client.ListClient, size: length, names: s.names(nil),
	}
	err := q.run(ctx)
	if q.listed {
		s.memory.learn(q.list)
	}
	clients := make(map[string][]string, len(q.answers))
	for name, a := range q.answers {
		if a.err == nil {
			clients[q.find(name).Name] = a.value
		}
	}
	return clients, err
}

// Names asks which UPSes there are; those that are known from the last time
// where there is no answer.
func (s *Server) Names(ctx context.Context) []string {
	if len(s.UPS) > 0 {
		return s.UPS
	}
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	q := survey[string]{line: line{server: s}, names: []string{}}
	if err := q.run(ctx); err == nil {
		s.memory.learn(q.list)
	}
	return s.memory.names()
}

// ups is a UPS with the answer about it. A name that was never answered is
// Absent.
func (s *Server) ups(u client.UPS, answers map[string]answer[[]client.Var], name string) collectors.UPS {
	now := time.Now()
	a, ok := answers[name]
	if !ok {
		a.err = errUnanswered
	}
	result := collectors.UPS{Snapshot: snapshot(u.Name, a, now), Desc: description(u)}
	if result.Snapshot.Health == nut.Live {
		result.Contact = now
	}
	return s.memory.note(result)
}

var errUnanswered = errors.New("no answer")

// snapshot is what an answer says of a UPS.
func snapshot(ups string, a answer[[]client.Var], now time.Time) *nut.Snapshot {
	var d nut.Draft
	switch {
	case errors.Is(a.err, nut.ErrDataStale) && refused(a.err):
		return d.Freeze(ups, nut.Stale, now)
	case a.err != nil:
		return d.Freeze(ups, nut.Absent, now)
	}
	for _, v := range a.value {
		d.Set(v.Name, v.Value)
	}
	s := d.Freeze(ups, nut.Live, now)
	if s.Status().Has(nut.StatusWait) {
		return s.With(nut.Waiting, now)
	}
	return s
}

// description leaves out what NUT's upsd says where there is none.
func description(u client.UPS) string {
	if strings.EqualFold(u.Description, "Description unavailable") || strings.EqualFold(u.Description, "Unavailable") {
		return ""
	}
	return u.Description
}

// tell logs when a server turns bad or good.
func (s *Server) tell(err error) {
	trouble := ""
	if err != nil {
		trouble = err.Error()
	}
	switch changed := s.memory.changed(trouble); {
	case !changed:
	case err != nil:
		s.log.Warn("server cannot be asked", "error", err)
	default:
		s.log.Info("server can be asked again")
	}
}

func weight(vars []client.Var) int {
	n := 0
	for _, v := range vars {
		n += len(v.Name) + len(v.Value) + 64 // and what it costs to keep them
	}
	return n
}

func length(all []string) int {
	n := 0
	for _, s := range all {
		n += len(s) + 16
	}
	return n
}
