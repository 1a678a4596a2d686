package driversocket

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/driverline"
	"github.com/wattnut/wattnut/nut/wire"
)

// maxLine is the longest line that is borne. NUT's upsd sends at most 511 bytes.
const maxLine = 4096

// converse serves one connection until its end.
func (s *Server) converse(ctx context.Context, c *conn) {
	var writer sync.WaitGroup
	writer.Go(c.write)
	s.listen(ctx, c)
	c.end()
	writer.Wait()
	c.net.Close()
}

// listen obeys what the connection says until its end, its LOGOUT, or a line
// without an end. A broken line is passed over.
func (s *Server) listen(ctx context.Context, c *conn) {
	var scanner wire.Scanner
	buf := make([]byte, 2048)
	for {
		n, err := c.net.Read(buf)
		for data := buf[:n]; len(data) > 0; {
			taken, result := scanner.Scan(data)
			if result == wire.Line && !s.obey(ctx, c, scanner.Words()) || scanner.Pending() > maxLine {
				return
			}
			data = data[taken:]
		}
		if err != nil {
			return
		}
	}
}

// obey does what a line asks for, and tells whether the connection goes on. As
// with NUT's drivers, what is unknown or malformed has no answer.
func (s *Server) obey(ctx context.Context, c *conn, words [][]byte) bool {
	l, err := driverline.Parse(words)
	if err != nil {
		if len(words) > 0 {
			s.Log.Debug("socket line ignored", "word", string(words[0]), "error", err)
		}
		return true
	}
	switch l.Verb {
	case driverline.Ping:
		c.push(appendLine(nil, driverline.Line{Verb: driverline.Pong}))
	case driverline.DumpAll:
		s.dump(c, appendDump)
	case driverline.DumpStatus:
		l.Name = "ups.status"
		fallthrough
	case driverline.DumpValue:
		s.dump(c, func(dst []byte, facts *nut.Snapshot) []byte { return appendOne(dst, facts, l.Name) })
	case driverline.NoBroadcast, driverline.Broadcast:
		s.subscribe(c, l.Number > 0)
	case driverline.GetPID:
		c.push(appendLine(nil, driverline.Line{Verb: driverline.PID, Value: strconv.Itoa(os.Getpid())}))
	case driverline.Set, driverline.InstCmd:
		s.order(ctx, c, l)
	case driverline.Logout:
		c.push(appendLine(nil, driverline.Line{Verb: driverline.OK, Value: "Goodbye"}))
		return false
	default: // what only drivers say
	}
	return true
}

// dump answers with facts, as they stand between two changes told to all.
func (s *Server) dump(c *conn, render func([]byte, *nut.Snapshot) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refreshLocked()
	c.push(render(nil, s.told))
}

func (s *Server) subscribe(c *conn, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.quiet = !on
}

// order has an order carried out, by the Core or by the device. Its outcome is
// told if it has a tracking id, after what is known to have changed by it.
func (s *Server) order(ctx context.Context, c *conn, l driverline.Line) {
	answer := func(err error) {
		if err != nil {
			s.Log.Info("order not carried out", "name", l.Name, "error", err)
		}
		s.refresh()
		if l.Tracking != "" {
			c.push(appendLine(nil, driverline.Line{Verb: driverline.Tracking, Tracking: l.Tracking, Number: code(err)}))
		}
	}
	o := nut.Order{Set: l.Verb == driverline.Set, Name: l.Name, Value: l.Value, Tracked: l.Tracking != ""}
	if o.Set {
		if err := s.set(o.Name, o.Value); !errors.Is(err, errNotCore) {
			answer(err)
			return
		}
	} else if work, after := s.command(o.Name); work != nil {
		s.do(ctx, work, after, answer)
		return
	}
	err := permitted(s.facts(), o)
	if err == nil {
		err = s.UPS.Order(ctx, o, answer)
	}
	if err != nil {
		answer(err)
	}
}
