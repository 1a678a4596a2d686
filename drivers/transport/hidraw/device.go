//go:build linux

package hidraw

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// maxReport is more than any report: HID_MAX_BUFFER_SIZE of the kernel is 16 KiB.
const maxReport = 16 << 10

// Device is an open device. One request is out at a time; ReadInterrupt goes beside
// them.
type Device struct {
	system system
	info   usbdev.Info
	record *usbdev.Recorder
	file   *os.File
	turn   *usbdev.Turn
	free   func() // lets others have the device

	mu  sync.Mutex
	usb *os.File // the device's file below /dev/bus/usb; nil until it is needed
}

// Open opens the first device that matches and that nobody else of ours has open.
// The device is locked as flock(2) does, so that two sections of ups.conf, or two
// agents, never drive the same one. Where none can be opened the error is a
// *usbdev.MissingError.
func Open(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (*Device, error) {
	return linux.open(ctx, match, o)
}

func (s system) open(ctx context.Context, match func(usbdev.Info) bool, o usbdev.Options) (*Device, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	match = onInterface(match, o.Interface)
	return usbdev.Search("hidraw", "hidraw", s.list, match, func(info usbdev.Info) (*Device, error) {
		free, err := usbdev.Hold(filepath.Join(s.dev, "bus/usb"), info)
		if err != nil {
			return nil, usbdev.Explain(info, "open", err)
		}
		file, err := openLocked(info.Node)
		if err != nil {
			free()
			return nil, usbdev.Explain(info, "open "+info.Node, err)
		}
		d := &Device{system: s, info: info, record: o.Record, file: file, turn: usbdev.NewTurn(), free: free}
		d.record.Info(info)
		return d, nil
	})
}

// onInterface is match for one interface of a device that has several.
func onInterface(match func(usbdev.Info) bool, number int) func(usbdev.Info) bool {
	return func(i usbdev.Info) bool { return i.Interface == number && match(i) }
}

func openLocked(node string) (*os.File, error) {
	file, err := os.OpenFile(node, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := usbdev.Flock(file, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// Info returns what enumeration said.
func (d *Device) Info() usbdev.Info { return d.info }

// ReportDescriptor returns the HID report descriptor, as the kernel has read it.
func (d *Device) ReportDescriptor(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	descriptor, err := os.ReadFile(filepath.Join(d.system.folder(d.info.Node), "report_descriptor"))
	err = usbdev.Explain(d.info, "read the report descriptor", err)
	d.record.Note(usbdev.CallDescriptor, nil, descriptor, err)
	return descriptor, err
}

// GetReport asks the device for a report. buf[0] is the id on return, 0 if the
// device numbers none.
func (d *Device) GetReport(ctx context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error) {
	numbers := map[usbdev.ReportKind]uint{usbdev.Input: getInput, usbdev.Output: getOutput, usbdev.Feature: getFeature}
	number, ok := numbers[kind]
	if !ok || len(buf) == 0 {
		return 0, fmt.Errorf("get a report of %v into %d bytes: %w", kind, len(buf), usbdev.ErrUnsupported)
	}
	own := make([]byte, min(len(buf), maxReport)) // outlives this call if the device hangs
	own[0] = id
	n, err := d.turn.Do(ctx, func() (int, error) {
		return ioctl(d.file, request(number, len(own)), unsafe.Pointer(&own[0]))
	})
	err = usbdev.Explain(d.info, fmt.Sprintf("get %v report %d", kind, id), refused(err))
	if err == nil {
		n = copy(buf, own[:n])
	}
	d.record.Note(usbdev.CallGet(kind, id, len(buf)), nil, buf[:n], err)
	return n, err
}

// SetReport sends a report. report[0] is its id, 0 if the device numbers none.
func (d *Device) SetReport(ctx context.Context, kind usbdev.ReportKind, report []byte) error {
	numbers := map[usbdev.ReportKind]uint{usbdev.Output: setOutput, usbdev.Feature: setFeature}
	number, ok := numbers[kind]
	if !ok || len(report) == 0 || len(report) > maxReport {
		return fmt.Errorf("set a report of %v of %d bytes: %w", kind, len(report), usbdev.ErrUnsupported)
	}
	own := append([]byte(nil), report...)
	_, err := d.turn.Do(ctx, func() (int, error) {
		n, err := ioctl(d.file, request(number, len(own)), unsafe.Pointer(&own[0]))
		if kind == usbdev.Output && errors.Is(err, unix.ENOTTY) { // an older kernel
			return d.file.Write(own)
		}
		return n, err
	})
	err = usbdev.Explain(d.info, fmt.Sprintf("set %v report %d", kind, report[0]), refused(err))
	d.record.Note(usbdev.CallSet(kind), report, nil, err)
	return err
}

// refused tells that a device did not do as it was asked. The kernel says EIO there
// where a device of /dev/uhid refuses.
func refused(err error) error {
	if errors.Is(err, unix.EIO) {
		return usbdev.ErrStall
	}
	return err
}

// Close ends contact. A request that hangs holds nobody: the file is closed when the
// kernel gives the request up, which it does after 5 s.
func (d *Device) Close() error {
	_ = usbdev.Flock(d.file, unix.LOCK_UN) // now, whenever it is closed
	d.free()
	return d.turn.Last(func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.usb != nil {
			d.usb.Close()
		}
		return d.file.Close()
	})
}
