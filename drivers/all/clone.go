package all

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/clone"
	"github.com/wattnut/wattnut/drivers/nutsocket"
	"github.com/wattnut/wattnut/drivers/upsclient"
)

// follow opens what a clone follows: a driver by its socket, or a UPS of a server,
// this one too.
func follow(ctx context.Context, env drivers.Env, b clone.Base) (drivers.Device, error) {
	settings := []drivers.Setting{{Name: "port", Value: b.Port}}
	family, remote := nutsocket.Driver, strings.Contains(b.Port, "@")
	if remote {
		family = upsclient.Driver
		if b.User != "" {
			settings = append(settings, drivers.Setting{Name: "user", Value: b.User}, drivers.Setting{Name: "password", Value: b.Password})
		}
	}
	open, err := family.Bind(settings)
	if err != nil {
		return nil, err
	}
	d, err := open(ctx, env)
	if err != nil && !remote && errors.Is(err, drivers.ErrGone) {
		return nil, fmt.Errorf("%w; where the device is one of this agent's, it has no socket: say port = UPS@localhost", err)
	}
	return d, err
}
