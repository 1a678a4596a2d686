//go:build libusb

package usb

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/gousb"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// means is what libusb's words say. ErrorNotFound is what it has for a device that is
// there no more, or that is another since a reset.
var means = []struct{ err, means error }{
	{gousb.ErrorNoDevice, usbdev.ErrGone},
	{gousb.ErrorNotFound, usbdev.ErrGone},
	{gousb.TransferNoDevice, usbdev.ErrGone},
	{gousb.ErrorPipe, usbdev.ErrStall},
	{gousb.TransferStall, usbdev.ErrStall},
	{gousb.ErrorTimeout, usbdev.ErrTimeout},
	{gousb.TransferTimedOut, usbdev.ErrTimeout},
	{gousb.TransferCancelled, usbdev.ErrTimeout},
	{gousb.ErrorAccess, usbdev.ErrPermission},
	{gousb.ErrorBusy, usbdev.ErrBusy},
	{gousb.ErrorNotSupported, usbdev.ErrUnsupported},
}

func (d *Device) explain(what string, err error) error {
	for _, m := range means {
		if errors.Is(err, m.err) {
			return usbdev.Explain(d.info, what, fmt.Errorf("%w: %w", m.means, err))
		}
	}
	return usbdev.Explain(d.info, what, err)
}

// Control makes a control transfer. The bit 0x80 of requestType tells that data comes
// from the device.
func (d *Device) Control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error) {
	n, err := d.control(ctx, requestType, request, value, index, data)
	err = d.explain(fmt.Sprintf("control transfer %02x %02x %04x", requestType, request, value), err)
	call := usbdev.CallControl(requestType, request, value, index, len(data))
	if requestType&0x80 != 0 {
		d.options.Record.Note(call, nil, data[:n], err)
	} else {
		d.options.Record.Note(call, data, nil, err)
	}
	return n, err
}

func (d *Device) control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error) {
	own := append([]byte(nil), data...)
	n, err := d.turn.Do(ctx, func() (int, error) {
		d.usb.ControlTimeout = patience(ctx)
		return d.usb.Control(requestType, request, value, index, own)
	})
	if err != nil {
		return 0, err
	}
	if requestType&0x80 != 0 {
		copy(data, own[:n])
	}
	return n, nil
}

// ReportDescriptor returns the HID report descriptor.
func (d *Device) ReportDescriptor(ctx context.Context) ([]byte, error) {
	face := uint16(d.options.Interface)
	size := usbdev.MaxDescriptor
	var hid [9]byte // bLength … wDescriptorLength, HID specification 1.11, 6.2.1
	n, err := d.control(ctx, usbdev.FromInterface, usbdev.GetDescriptor, usbdev.HIDDescriptor<<8|uint16(d.options.DescriptorIndex), face, hid[:])
	if err == nil && n == len(hid) && hid[1] == usbdev.HIDDescriptor && hid[6] == usbdev.ReportDescriptor {
		size = min(size, int(hid[7])|int(hid[8])<<8)
	}
	descriptor := make([]byte, size)
	n, err = d.control(ctx, usbdev.FromInterface, usbdev.GetDescriptor, usbdev.ReportDescriptor<<8|uint16(d.options.DescriptorIndex), face, descriptor)
	err = d.explain("read the report descriptor", err)
	d.options.Record.Note(usbdev.CallDescriptor, nil, descriptor[:n], err)
	return descriptor[:n], err
}

// GetReport asks the device for a report. buf[0] is the id on return, 0 if the device
// numbers none.
func (d *Device) GetReport(ctx context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error) {
	if len(buf) == 0 {
		return 0, fmt.Errorf("get a report into nothing: %w", usbdev.ErrUnsupported)
	}
	into, before := buf, 0
	if id == 0 {
		into, before = buf[1:], 1
	}
	n, err := d.control(ctx, usbdev.ClassFromInterface, usbdev.GetReportRequest, uint16(kind)<<8|uint16(id), uint16(d.options.Interface), into)
	err = d.explain(fmt.Sprintf("get %v report %d", kind, id), err)
	if err == nil {
		buf[0] = id
		n += before
	}
	d.options.Record.Note(usbdev.CallGet(kind, id, len(buf)), nil, buf[:n], err)
	return n, err
}

// SetReport sends a report. report[0] is its id, 0 if the device numbers none.
func (d *Device) SetReport(ctx context.Context, kind usbdev.ReportKind, report []byte) error {
	if len(report) == 0 {
		return fmt.Errorf("set a report of nothing: %w", usbdev.ErrUnsupported)
	}
	id, sent := report[0], report
	if id == 0 {
		sent = report[1:]
	}
	_, err := d.control(ctx, usbdev.ClassToInterface, usbdev.SetReportRequest, uint16(kind)<<8|uint16(id), uint16(d.options.Interface), sent)
	err = d.explain(fmt.Sprintf("set %v report %d", kind, id), err)
	d.options.Record.Note(usbdev.CallSet(kind), report, nil, err)
	return err
}

// ReadInterrupt returns the next packet of the IN endpoint.
func (d *Device) ReadInterrupt(ctx context.Context, buf []byte) (int, error) {
	in := d.claimed.in
	if in == nil {
		return 0, d.explain("read", fmt.Errorf("%w: the interface has no endpoint to read from", usbdev.ErrUnsupported))
	}
	own := make([]byte, wholePackets(len(buf), in.Desc.MaxPacketSize))
	n, err := in.ReadContext(ctx, own)
	err = d.explain("read", err)
	if err == nil {
		n = copy(buf, own[:n])
	} else {
		n = 0
	}
	if !errors.Is(err, usbdev.ErrTimeout) {
		d.options.Record.Note(usbdev.CallIn, nil, buf[:n], err)
	}
	return n, err
}

// wholePackets is room for n bytes, in packets of that size, one at least: libusb fails
// with an overflow where a packet is larger than what is left of the room for it.
func wholePackets(n, size int) int {
	if size <= 0 {
		return n
	}
	return max(1, (n+size-1)/size) * size
}

// WriteInterrupt sends a packet to the OUT endpoint.
func (d *Device) WriteInterrupt(ctx context.Context, data []byte) (int, error) {
	out := d.claimed.out
	if out == nil {
		return 0, d.explain("write", fmt.Errorf("%w: the interface has no endpoint to write to", usbdev.ErrUnsupported))
	}
	n, err := out.WriteContext(ctx, data)
	err = d.explain("write", err)
	d.options.Record.Note(usbdev.CallOut, data, nil, err)
	return n, err
}

// ClearHalt ends the stall of an endpoint, by its address (0x81).
func (d *Device) ClearHalt(ctx context.Context, endpoint byte) error {
	const halt = 0
	_, err := d.control(ctx, usbdev.ToEndpoint, usbdev.ClearFeature, halt, uint16(endpoint), nil)
	err = d.explain(fmt.Sprintf("clear halt of endpoint %02x", endpoint), err)
	d.options.Record.Note(usbdev.CallClear(endpoint), nil, nil, err)
	return err
}

// String returns a string descriptor in the device's first language.
func (d *Device) String(ctx context.Context, index int) (string, error) {
	said, err := usbdev.ReadString(ctx, d.control, index)
	err = d.explain(fmt.Sprintf("get string %d", index), err)
	d.options.Record.Note(usbdev.CallString(index), nil, []byte(said), err)
	return said, err
}
