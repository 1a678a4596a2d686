//go:build !linux

package usbdev

// Arrival returns nil: only Linux is listened to.
func Arrival(string) <-chan struct{} { return nil }
