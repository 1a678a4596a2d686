package usbhid

import (
	"errors"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// settingError makes errors of patterns those of settings.
func settingError(err error) error {
	if p, ok := errors.AsType[*usbdev.PatternError](err); ok {
		return &drivers.SettingError{Name: p.Option, Reason: p.Reason}
	}
	return err
}
