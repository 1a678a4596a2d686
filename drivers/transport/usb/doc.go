// Package usb speaks to USB devices through libusb (gousb): control, interrupt and
// bulk transfers, on every system that libusb is on. It takes the interface from the
// kernel's driver, and gives it back.
//
// It is in builds with the tag libusb, which need cgo ("make build-libusb"). In others
// [Open] fails and says so.
package usb
