package usbdev

import (
	"errors"
	"fmt"
)

// Explain says of an error with which device it was, in what, and what to do about
// it. A system call's error becomes one of this package's. nil stays nil.
func Explain(i Info, what string, err error) error {
	if err == nil {
		return nil
	}
	err = fromErrno(err)
	advice := ""
	switch {
	case errors.Is(err, ErrPermission):
		advice = "; install wattnut's udev rules, plug the UPS in again, and be in the group that they name"
	case errors.Is(err, ErrBusy):
		advice = " by another section of ups.conf, or by another program"
	}
	return fmt.Errorf("%v: %s: %w%s", i, what, err, advice)
}

// fromErrno returns which of this package's errors a system call's error means;
// another error as it is.
func fromErrno(err error) error {
	for _, e := range errnos {
		if errors.Is(err, e.errno) {
			return e.means
		}
	}
	return err
}
