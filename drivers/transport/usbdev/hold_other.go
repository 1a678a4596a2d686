//go:build !linux

package usbdev

// Hold holds nothing: the system gives an interface to one program only.
func Hold(string, Info) (release func(), err error) { return func() {}, nil }
