// Package nis is the network information server of an apcupsd that has a
// simulated UPS: a face of the model in drivers/simulator/model.
package nis

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// Server answers clients of apcupsd. Its fields must not change while it serves.
type Server struct {
	// Do gives access to the model: it calls what it is given with the model as
	// it is now. It is called from any goroutine.
	Do     func(func(*model.UPS))
	Name   string // UPSNAME: "wattnut" if ""
	Model  string // "Smart-UPS 1500" if ""
	Serial string // "SIM000000001" if ""
}

// Bounds of what a client may ask, and how long it may think.
const (
	maxRequest = 256
	idle       = time.Minute
)

// Serve answers at a listener until ctx ends, which brings nil, and closes it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return errors.Join(err, l.Close())
		}
		clients.Go(func() {
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			defer conn.Close()
			s.converse(conn)
		})
	}
}

// converse answers until the client has had enough.
func (s *Server) converse(conn net.Conn) {
	for {
		if err := s.answer(conn); err != nil {
			return
		}
	}
}

// answer answers one request.
func (s *Server) answer(conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(idle)); err != nil {
		return err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint16(length[:])
	if n > maxRequest {
		return fmt.Errorf("a request of %d bytes", n)
	}
	request := make([]byte, n)
	if _, err := io.ReadFull(conn, request); err != nil {
		return err
	}
	var lines []string
	switch strings.TrimRight(string(request), "\x00\n ") {
	case "status":
		s.Do(func(m *model.UPS) { lines = s.lines(m, m.Reading()) })
	case "events":
	default:
		lines = []string{"Invalid command"}
	}
	_, err := conn.Write(records(lines))
	return err
}

// records are lines with their lengths, and the empty one at the end.
func records(lines []string) []byte {
	var b []byte
	for _, line := range lines {
		b = binary.BigEndian.AppendUint16(b, uint16(len(line)+1))
		b = append(append(b, line...), '\n')
	}
	return append(b, 0, 0)
}

// lines are what there is to say, in apcupsd's order.
func (s *Server) lines(m *model.UPS, r model.Reading) []string {
	say := func(key, format string, value any) string { return fmt.Sprintf("%-9s: "+format, key, value) }
	all := []string{
		say("DATE", "%s", time.Now().Format("2006-01-02 15:04:05 -0700")),
		say("VERSION", "%s", "3.14.14 (simulated)"),
		say("UPSNAME", "%s", cmp.Or(s.Name, "wattnut")),
		say("UPSMODE", "%s", "Stand Alone"),
		say("MODEL", "%s", cmp.Or(s.Model, "Smart-UPS 1500")),
		say("STATUS", "%s", words(r.State)),
		say("LINEV", "%.1f Volts", r.Input.Volts),
		say("LOADPCT", "%.1f Percent", 100*r.Load),
		say("BCHARGE", "%.1f Percent", 100*r.Charge),
		say("TIMELEFT", "%.1f Minutes", r.Runtime.Minutes()),
		say("MBATTCHG", "%.0f Percent", 100*m.ChargeLow),
		say("MINTIMEL", "%.0f Minutes", m.RuntimeLow.Minutes()),
		say("MAXTIME", "%d Seconds", 0),
		say("OUTPUTV", "%.1f Volts", r.Output.Volts),
		say("DWAKE", "%.0f Seconds", m.Start.Seconds()),
		say("DSHUTD", "%.0f Seconds", m.Shutdown.Seconds()),
		say("LOTRANS", "%.1f Volts", m.TransferLow),
		say("HITRANS", "%.1f Volts", m.TransferHigh),
		say("ITEMP", "%.1f C", r.Temperature),
		say("BATTV", "%.1f Volts", r.Battery.Volts),
		say("LINEFREQ", "%.1f Hz", r.Input.Hertz),
		say("SELFTEST", "%s", tests[r.Test]),
		say("SERIALNO", "%s", cmp.Or(s.Serial, "SIM000000001")),
		say("NOMINV", "%.0f Volts", m.Mains.Voltage),
		say("NOMBATTV", "%.1f Volts", m.Battery.Voltage),
		say("NOMPOWER", "%.0f Watts", m.RealPower),
		say("END APC", "%s", time.Now().Format("2006-01-02 15:04:05 -0700")),
	}
	return append([]string{fmt.Sprintf("APC      : 001,%03d,%04d", len(all), len(strings.Join(all, "\n")))}, all...)
}

// tests are apcupsd's words for the outcome of a battery test.
var tests = map[model.TestResult]string{
	model.NotTested: "NO", model.InProgress: "IP", model.Passed: "OK", model.Worn: "BT", model.Aborted: "NG",
}

// words are those of STATUS.
func words(s model.State) string {
	all := []string{"ONBATT"}
	if s.Mains {
		all[0] = "ONLINE"
	}
	for _, w := range []struct {
		is   bool
		word string
	}{
		{s.Calibrating, "CAL"},
		{s.Trim, "TRIM"},
		{s.Boost, "BOOST"},
		{s.Overloaded, "OVERLOAD"},
		{s.Low, "LOWBATT"},
		{s.Replace, "REPLACEBATT"},
	} {
		if w.is {
			all = append(all, w.word)
		}
	}
	return strings.Join(all, " ") + " "
}
