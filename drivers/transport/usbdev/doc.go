// Package usbdev is what the transports to USB devices have in common: what
// enumeration says of a device, how a section of ups.conf chooses one, the errors,
// and recordings of what went over the wire. It opens nothing itself: packages
// hidraw and usb do.
//
// An open device of either has these methods, as far as it can:
//
//	Info() Info
//	ReportDescriptor(ctx) ([]byte, error)
//	GetReport(ctx, kind, id, buf) (n, error)    // buf[0] is the id on return
//	SetReport(ctx, kind, report) error          // report[0] is the id, 0 for none
//	ReadInterrupt(ctx, buf) (n, error)          // the next packet of the IN endpoint
//	WriteInterrupt(ctx, data) (n, error)        // to the OUT endpoint
//	String(ctx, index) (string, error)          // a string descriptor in the device's first language; others by Control
//	Control(ctx, requestType, request, value, index, data) (n, error) // usb only; requestType says which way data goes
//	ClearHalt(ctx, endpoint) error, Reset(ctx) error // usb only
//	Close() error
//
// Calls are made from one goroutine, except that ReadInterrupt may run in a
// goroutine beside the others. Each returns within its ctx, whatever the device
// does. [Playback] has them all.
package usbdev
