// Package megatec is the family of UPSes that speak the Megatec protocol or one
// of those that grew from it, over a serial line or USB: NUT's nutdrv_qx,
// blazer_ser and blazer_usb.
package megatec

import (
	"context"
	"errors"
	"io"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/nut"
)

// device is a UPS in contact.
type device struct {
	unit *dialect.Unit
	link io.Closer
	said map[nut.Name]string // facts about the contact
	old  bool                // maker and model have NUT's older names too
	lost bool                // contact was lost, so that it is to come back
	left func(lost bool)     // told at the end; nil if nobody wants to know
}

// link carries commands until it is closed.
type link interface {
	dialect.Exchanger
	io.Closer
}

// meet finds out what the device behind a link speaks. It takes over the link.
func meet(ctx context.Context, l link, s *dialect.Search, o dialect.Options, said map[nut.Name]string) (*device, error) {
	u, err := s.Find(ctx, l, o)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &device{unit: u, link: l, said: said}, nil
}

// result is d as a Device, which is nil where there is none.
func result(d *device, err error) (drivers.Device, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Read asks the device what is due.
func (d *device) Read(ctx context.Context, draft *nut.Draft) error {
	if err := d.unit.Poll(ctx); err != nil {
		if dialect.IsLater(err) {
			return drivers.ErrWaiting
		}
		d.lost = ctx.Err() == nil
		return err
	}
	for name, value := range d.said {
		draft.Set(name, value)
	}
	draft.Set("driver.version.data", d.unit.Protocol())
	d.unit.Publish(draft)
	if d.old {
		older(draft)
	}
	return nil
}

// older adds the names under which NUT's blazer drivers publish maker and model.
func older(draft *nut.Draft) {
	for _, part := range []nut.Name{"mfr", "model"} {
		if value := draft.Value("device." + part); value != "" {
			draft.Set("ups."+part, value)
		}
	}
}

// Command gives the device an order.
func (d *device) Command(ctx context.Context, cmd nut.Name, arg string) error {
	return d.unit.Command(ctx, string(cmd), arg)
}

// Set changes a setting of the device, or one that is kept for it.
func (d *device) Set(ctx context.Context, name nut.Name, value string) error {
	return d.unit.Set(ctx, string(name), value)
}

// Close ends contact.
func (d *device) Close() error {
	if d.left != nil {
		d.left(d.lost)
	}
	return d.link.Close()
}
