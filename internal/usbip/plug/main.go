//go:build linux

// Plug is a UPS in software on the USB of the machine it runs on, for tests in virtual
// machines.
//
//	plug SOCKET vhci|uhid KIND [SERIAL]   plugs one in, and takes orders at a socket
//	plug SOCKET tell ORDER...             gives one, and says what came of it
//
// Orders are plug, unplug, replug, mains on|off, break NAME, step SECONDS, run (time
// passes by itself), count (what went over the wire since the last count).
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/internal/usbip"
	"github.com/wattnut/wattnut/internal/usbip/emulate"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		panic(err)
	}
}

func run(words []string, out io.Writer) error {
	if len(words) < 3 {
		return errors.New("plug SOCKET vhci|uhid KIND [SERIAL], or plug SOCKET tell ORDER")
	}
	if words[1] == "tell" {
		return tell(words[0], strings.Join(words[2:], " "), out)
	}
	serial := ""
	if len(words) > 3 {
		serial = words[3]
	}
	d, err := emulate.New(words[2], serial)
	if err != nil {
		return err
	}
	b := &bench{device: d, plug: d.Plug, unplug: func() error { return nil }}
	if words[1] == "uhid" {
		b.plug = d.PlugHID
	}
	if _, err := b.obey(context.Background(), "plug"); err != nil {
		return err
	}
	l, err := net.Listen("unix", words[0])
	if err != nil {
		return err
	}
	return b.serve(l)
}

func tell(socket, order string, out io.Writer) error {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, order+"\n"); err != nil {
		return err
	}
	said, err := io.ReadAll(conn)
	if err != nil {
		return err
	}
	if text, failed := strings.CutPrefix(string(said), "ERR "); failed {
		return errors.New(text)
	}
	_, err = out.Write(said)
	return err
}

// bench is a device and the hand that plugs it in.
type bench struct {
	device *emulate.Device
	plug   func(context.Context) (func() error, error)
	unplug func() error
}

func (b *bench) serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		line, _ := bufio.NewReader(conn).ReadString('\n')
		said, err := b.obey(context.Background(), strings.TrimSpace(line))
		if err != nil {
			said = "ERR " + err.Error()
		}
		_, _ = io.WriteString(conn, said)
		conn.Close()
	}
}

var faults = map[string]usbip.Fault{
	"well": usbip.Well, "stall": usbip.Stalls, "babble": usbip.Babbles, "garbage": usbip.Garbage, "silent": usbip.Silent,
}

func (b *bench) obey(ctx context.Context, order string) (said string, err error) {
	verb, arg, _ := strings.Cut(order, " ")
	switch verb {
	case "plug":
		b.unplug, err = b.plug(ctx)
	case "unplug":
		err = b.unplug()
	case "replug":
		if err = b.unplug(); err == nil {
			b.unplug, err = b.plug(ctx)
		}
	case "mains":
		wall := model.Plugged
		if arg == "off" {
			wall = model.Unplugged
		}
		b.device.Do(func(u *model.UPS) { u.Wire(wall) })
		b.device.Step(time.Second)
	case "break":
		fault, ok := faults[arg]
		if !ok {
			return "", fmt.Errorf("there is no fault %s", arg)
		}
		b.device.Break(fault)
	case "step":
		seconds, err := strconv.Atoi(arg)
		if err != nil {
			return "", err
		}
		b.device.Step(time.Duration(seconds) * time.Second)
	case "run":
		go func() {
			for range time.Tick(time.Second) {
				b.device.Step(time.Second)
			}
		}()
	case "count":
		transfers, bytes := b.device.Traffic()
		said = fmt.Sprintf("%d transfers %d bytes\n", transfers, bytes)
	default:
		err = fmt.Errorf("there is no order %s", verb)
	}
	return said, err
}
