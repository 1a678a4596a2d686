package simulator

import (
	"context"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/nut"
)

// mostAtOnce is the longest time that one Read simulates: after a sleep of the
// machine the model goes on from there.
const mostAtOnce = 24 * time.Hour

// device is a simulated UPS behind the face that NUT knows.
type device struct {
	config Config
	ups    *model.UPS
	last   time.Time // when the model was last brought up to date
	begun  bool
	beeper string
	id     string
}

// Read brings the model up to the present, and writes what it shows.
func (u *device) Read(ctx context.Context, d *nut.Draft) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now()
	passed := time.Duration(float64(now.Sub(u.last)) * u.config.Speed)
	u.ups.Step(min(passed, mostAtOnce))
	u.last = now
	if !u.begun {
		u.begun = true
		u.describe(d)
	}
	u.show(d, u.ups.Reading())
	return nil
}

// Close has nothing to end.
func (u *device) Close() error { return nil }
