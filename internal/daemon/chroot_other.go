//go:build !unix

package daemon

import "errors"

// Chroot is for systems that have it.
func Chroot(string) error { return errors.ErrUnsupported }
