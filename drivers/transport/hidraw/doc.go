// Package hidraw speaks to USB HID devices through Linux' hidraw, by system call: it
// is in every Linux build, and needs no library. The kernel's own driver stays at the
// device.
//
// What hidraw has no way for, requests to the device as a whole such as string
// descriptors, goes by the device's file below /dev/bus/usb, where this user may open
// it. On other systems [Open] fails.
package hidraw
