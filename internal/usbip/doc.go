// Package usbip plugs USB devices that are software into a Linux kernel, for tests: as
// real as a cable would make them, through vhci_hcd, where libusb and every driver of
// the kernel finds them; or as HID devices alone, through /dev/uhid. It needs root, and
// a kernel to spare: see internal/vm.
package usbip
