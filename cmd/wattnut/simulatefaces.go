package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/wattnut/wattnut/drivers/simulator"
	"github.com/wattnut/wattnut/drivers/simulator/drill"
	"github.com/wattnut/wattnut/drivers/simulator/megatec"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/simulator/nis"
	"github.com/wattnut/wattnut/drivers/simulator/smart"
	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// stage is the UPS that a face shows, and where.
type stage struct {
	ups    *drill.UPS
	config simulator.Config
	at     string // "" where the face may choose
}

// face is a protocol in which a simulated UPS is shown.
type face struct {
	protocol string
	about    string
	// open makes it ready, and tells where it is: what a person writes as port
	// in ups.conf. serve runs until its context ends.
	open func(stage) (where string, serve func(context.Context) error, err error)
}

// faces are the protocols, in the order of the help.
func faces() []face {
	all := []face{
		{"apcsmart", "serial line: APC's Smart protocol (apcsmart)", openLine(serveSmart)},
	}
	for _, protocol := range megatec.Protocols() {
		all = append(all, face{protocol, "serial line: the Megatec family (nutdrv_qx, blazer_ser)", openLine(serveMegatec(protocol))})
	}
	return append(all,
		face{"ups-mib", "SNMP v1 and v2c: the standard UPS-MIB (snmp-ups), at 127.0.0.1:1161", openAgent(snmpagent.UPSMIB)},
		face{"powernet", "the same as APC's cards do: PowerNet-MIB (snmp-ups)", openAgent(snmpagent.PowerNet)},
		face{"apcupsd", "TCP: the information server of an apcupsd (apcupsd-ups), at 127.0.0.1:3551", openNIS},
	)
}

// openLine makes a pseudo-terminal, with a link to it where one is wanted.
func openLine(serve func(context.Context, stage, io.ReadWriteCloser) error) func(stage) (string, func(context.Context) error, error) {
	return func(s stage) (string, func(context.Context) error, error) {
		far, near, err := serial.Far()
		if err != nil {
			return "", nil, err
		}
		if s.at == "" {
			return near, func(ctx context.Context) error { return serve(ctx, s, muted{far, s.ups.Silent}) }, nil
		}
		if err := relink(near, s.at); err != nil {
			return "", nil, errors.Join(err, far.Close())
		}
		return s.at, func(ctx context.Context) error {
			return errors.Join(serve(ctx, s, muted{far, s.ups.Silent}), os.Remove(s.at))
		}, nil
	}
}

// relink makes a link, in place of one that is there, but of nothing else.
func relink(to, link string) error {
	if info, err := os.Lstat(link); err == nil && info.Mode()&os.ModeSymlink != 0 {
		if err := os.Remove(link); err != nil {
			return err
		}
	}
	return os.Symlink(to, link)
}

// muted is a line on which nothing is said while the UPS is silent.
type muted struct {
	io.ReadWriteCloser

	silent func() bool
}

func (m muted) Write(p []byte) (int, error) {
	if m.silent() {
		return len(p), nil
	}
	return m.ReadWriteCloser.Write(p)
}

// openAgent begins to answer by SNMP: to the community public for reading, and to
// private for all.
func openAgent(objects func(func(func(*model.UPS)), snmpagent.Identity) snmpagent.Objects) func(stage) (string, func(context.Context) error, error) {
	return func(s stage) (string, func(context.Context) error, error) {
		a, err := snmpagent.Listen(cmp.Or(s.at, "127.0.0.1:1161"), snmpagent.Config{
			Write: "private",
			Answer: func(answer []byte) []byte {
				if s.ups.Silent() {
					return nil
				}
				return answer
			},
		}, objects(s.ups.Do, snmpagent.Identity{Mfr: s.config.Mfr, Model: s.config.Model, Serial: s.config.Serial}))
		if err != nil {
			return "", nil, err
		}
		return a.Addr().String(), func(ctx context.Context) error {
			<-ctx.Done()
			return a.Close()
		}, nil
	}
}

func openNIS(s stage) (string, func(context.Context) error, error) {
	l, err := net.Listen("tcp", cmp.Or(s.at, "127.0.0.1:3551"))
	if err != nil {
		return "", nil, err
	}
	server := nis.Server{Do: s.ups.Do, Model: s.config.Model, Serial: s.config.Serial}
	return l.Addr().String(), func(ctx context.Context) error { return server.Serve(ctx, mutedListener{l, s.ups.Silent}) }, nil
}

// mutedListener is where nothing is said while the UPS is silent.
type mutedListener struct {
	net.Listener

	silent func() bool
}

// Accept is of net.Listener.
func (l mutedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return mutedConn{conn, muted{conn, l.silent}}, nil
}

type mutedConn struct {
	net.Conn

	muted muted
}

// Write is of net.Conn.
func (c mutedConn) Write(p []byte) (int, error) { return c.muted.Write(p) }

func serveSmart(ctx context.Context, s stage, line io.ReadWriteCloser) error {
	return smart.New(s.ups.Do, smart.Identity{Model: s.config.Model, Serial: s.config.Serial}).Serve(ctx, line)
}

func serveMegatec(protocol string) func(context.Context, stage, io.ReadWriteCloser) error {
	return func(ctx context.Context, s stage, line io.ReadWriteCloser) error {
		var f *megatec.Face
		var err error
		s.ups.Do(func(m *model.UPS) {
			f, err = megatec.New(m, megatec.Config{Protocol: protocol, Mfr: s.config.Mfr, Model: s.config.Model, Serial: s.config.Serial})
		})
		if err != nil {
			return fmt.Errorf("%s: %w", protocol, err)
		}
		closed := context.AfterFunc(ctx, func() { line.Close() })
		err = megatec.Serve(line, func(command string) (answer string, ok bool) {
			s.ups.Do(func(*model.UPS) { answer, ok = f.Answer(command) })
			return answer, ok
		})
		if closed() { // ctx has not
			return errors.Join(err, line.Close())
		}
		return nil
	}
}
