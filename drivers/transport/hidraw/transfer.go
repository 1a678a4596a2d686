//go:build linux

package hidraw

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// ReadInterrupt returns the next packet that the device sends by itself: the id comes
// first if it numbers its reports. Those that nobody reads wait, 64 of them.
func (d *Device) ReadInterrupt(ctx context.Context, buf []byte) (int, error) {
	if err := d.file.SetReadDeadline(time.Time{}); err != nil {
		return 0, usbdev.Explain(d.info, "read", err)
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		_ = d.file.SetReadDeadline(time.Unix(1, 0))
	})
	defer func() {
		if !stop() {
			<-ended // or it would end the next read
		}
	}()
	n, err := d.file.Read(buf)
	switch {
	case ctx.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("%w: %w", usbdev.ErrTimeout, ctx.Err())
	case errors.Is(err, unix.EIO): // which is what a reader is told
		err = usbdev.ErrGone
	}
	err = usbdev.Explain(d.info, "read", err)
	if !errors.Is(err, usbdev.ErrTimeout) {
		d.record.Note(usbdev.CallIn, nil, buf[:n], err)
	}
	return n, err
}

// WriteInterrupt sends a packet to the interrupt OUT endpoint or, if the device has
// none, as an output report. The id comes first if the device numbers its reports.
func (d *Device) WriteInterrupt(ctx context.Context, data []byte) (int, error) {
	descriptor, err := os.ReadFile(filepath.Join(d.system.folder(d.info.Node), "report_descriptor"))
	if err != nil {
		return 0, usbdev.Explain(d.info, "read the report descriptor", err)
	}
	var own []byte
	if !numbered(descriptor) {
		own = append(own, 0) // the kernel wants one, and takes it off
	}
	own = append(own, data...)
	_, err = d.turn.Do(ctx, func() (int, error) { return d.file.Write(own) })
	err = usbdev.Explain(d.info, "write", err)
	d.record.Note(usbdev.CallOut, data, nil, err)
	if err != nil {
		return 0, err
	}
	return len(data), nil
}

// numbered tells whether a report descriptor numbers its reports: whether there is an
// item Report ID in it (HID specification 1.11, 6.2.2).
func numbered(descriptor []byte) bool {
	const reportID, long = 0x84, 0xfe
	for i := 0; i < len(descriptor); {
		prefix := descriptor[i]
		if prefix&^3 == reportID {
			return true
		}
		if prefix == long {
			if i+1 >= len(descriptor) {
				return false
			}
			i += 3 + int(descriptor[i+1])
			continue
		}
		i += 1 + []int{0, 1, 2, 4}[prefix&3]
	}
	return false
}

// Control makes a control transfer to the device as a whole (the recipient in
// requestType is 0): hidraw's interface is the kernel's. The bit 0x80 of requestType
// tells that data comes from the device.
func (d *Device) Control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error) {
	n, err := d.control(ctx, requestType, request, value, index, data)
	err = usbdev.Explain(d.info, fmt.Sprintf("control transfer %02x %02x %04x", requestType, request, value), err)
	call := usbdev.CallControl(requestType, request, value, index, len(data))
	if requestType&0x80 != 0 {
		d.record.Note(call, nil, data[:n], err)
	} else {
		d.record.Note(call, data, nil, err)
	}
	return n, err
}

func (d *Device) control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error) {
	if requestType&0x1f != 0 || len(data) > maxReport {
		return 0, fmt.Errorf("%w by hidraw: it is not to the device as a whole", usbdev.ErrUnsupported)
	}
	usb, err := d.usbFile()
	if err != nil {
		return 0, err
	}
	const patience = 5 * time.Second
	within := patience
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline))
	}
	own := append(make([]byte, 0, len(data)+1), data...) // never without memory to point to
	transfer := &control{
		requestType: requestType, request: request, value: value, index: index,
		length: uint16(len(data)), timeout: uint32(max(1, within.Milliseconds())), data: unsafe.SliceData(own),
	}
	n, err := d.turn.Do(ctx, func() (int, error) { return ioctl(usb, usbControl, unsafe.Pointer(transfer)) })
	if err != nil {
		return 0, err
	}
	if requestType&0x80 != 0 {
		copy(data, own[:n])
	}
	return n, nil
}

// usbFile opens the device's file below /dev/bus/usb.
func (d *Device) usbFile() (*os.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.usb != nil {
		return d.usb, nil
	}
	if d.info.Bus == "" {
		return nil, fmt.Errorf("it is no real USB device: %w", usbdev.ErrUnsupported)
	}
	usb, err := os.OpenFile(filepath.Join(d.system.dev, "bus/usb", d.info.Bus, d.info.Device), os.O_RDWR, 0)
	if err == nil {
		d.usb = usb
	}
	return usb, err
}

// String returns a string descriptor in the device's first language.
func (d *Device) String(ctx context.Context, index int) (string, error) {
	said, err := usbdev.ReadString(ctx, d.control, index)
	err = usbdev.Explain(d.info, fmt.Sprintf("get string %d", index), err)
	d.record.Note(usbdev.CallString(index), nil, []byte(said), err)
	return said, err
}
