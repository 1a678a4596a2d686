package framing

import (
	"context"
	"fmt"

	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// HID is a device that is open by its reports, as drivers/transport/hidraw has
// it.
type HID interface {
	Device // but for what is asked of the interface
	GetReport(ctx context.Context, kind usbdev.ReportKind, id byte, buf []byte) (int, error)
	SetReport(ctx context.Context, kind usbdev.ReportKind, report []byte) error
}

// OverHID makes a Device of one whose interface is the kernel's: what goes to the
// interface goes as a report. Requests that are no reports are refused.
func OverHID(d HID) Device { return overHID{d} }

type overHID struct{ HID }

// Queues tells that packets wait in the kernel until they are read.
func (overHID) Queues() {}

// Control makes a report of SET_REPORT and GET_REPORT.
func (h overHID) Control(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error) {
	kind, id := usbdev.ReportKind(value>>8), byte(value)
	switch {
	case (requestType == toInterface || requestType == fromInterface) && (kind < usbdev.Input || kind > usbdev.Feature):
		return 0, fmt.Errorf("%w by hidraw: a report of kind %d; this device needs a build with libusb", usbdev.ErrUnsupported, kind)
	case requestType == toInterface && request == setReport:
		report := data
		if id == 0 {
			report = append([]byte{0}, data...)
		}
		return len(data), h.SetReport(ctx, kind, report)
	case requestType == fromInterface && request == getReport:
		return h.GetReport(ctx, kind, id, data)
	}
	return h.HID.Control(ctx, requestType, request, value, index, data)
}
