package live

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

func TestDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := New(model.New(model.Spec{
			Power: 600, RealPower: 360, Battery: model.Battery{Capacity: 84, Voltage: 12, Health: 1, Charge: 1},
			Mains: model.Mains{Voltage: 230, Frequency: 50}, Load: model.Load{Level: 0.3},
		}), 10)
		now := func() (passed time.Duration) {
			u.Do(func(m *model.UPS) { passed = m.Reading().Now })
			return passed
		}
		time.Sleep(time.Minute) //nolint:forbidigo // fake time
		if d := now(); d != 10*time.Minute {
			t.Errorf("%v passed", d)
		}
		time.Sleep(365 * 24 * time.Hour) //nolint:forbidigo // fake time
		if d := now(); d != 10*time.Minute+mostAtOnce {
			t.Errorf("%v passed", d)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { now() })
		}
		all.Wait()
	})
}
