package apcsmart

import (
	"context"
	"errors"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/serial"
)

func scanned(d drivers.Driver) drivers.Driver {
	d.Scanners = []drivers.Scanner{{Bus: drivers.BusSerial, Scan: scan}}
	return d
}

// scan asks at each port whether somebody has a smart mode.
func scan(ctx context.Context, where drivers.Search, found func(drivers.Found)) error {
	var errs []error
	for _, path := range where.Ports {
		limit, cancel := context.WithTimeout(ctx, where.Wait())
		f, err := probe(limit, path)
		cancel()
		if err == nil && f != nil {
			found(*f)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// probe looks who is at a port; nil if nobody is who speaks so.
func probe(ctx context.Context, path string) (f *drivers.Found, err error) {
	port, err := serial.Open(ctx, path, serial.Settings{Speed: 2400, Power: &serial.Lines{DTR: true, RTS: true}})
	if err != nil {
		return nil, err
	}
	d := &device{link: link{port: port}}
	defer func() { err = errors.Join(err, d.Close()) }()
	answer, err := d.ask(ctx, "Y", patienceShort)
	switch {
	case errors.Is(err, context.DeadlineExceeded), err == nil && answer != "SM":
		return nil, nil
	case err != nil:
		return nil, err
	}
	f = &drivers.Found{Driver: name, Settings: []drivers.Setting{{Name: "port", Value: path}}}
	for _, hint := range []struct{ name, letter string }{{"product", "\x01"}, {"serial", "n"}} {
		if answer, err := d.ask(ctx, hint.letter, patienceShort); err == nil && answer != "" && sound(answer) {
			f.Hints = append(f.Hints, drivers.Setting{Name: hint.name, Value: answer})
		}
	}
	return f, nil
}
