//go:build !linux

package usbdev

// Arrival returns nil: only Linux is listened to.
func Arrival(string) <-chan struct{} { return nil }

func arrival(string) (told <-chan struct{}, stop func()) { return nil, func() {} }
