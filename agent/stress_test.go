package agent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// moody is a device that does whatever a device may do.
type moody struct{ news chan struct{} }

func (m *moody) Read(ctx context.Context, d *nut.Draft) error {
	switch rand.N(10) {
	case 0:
		panic("moody")
	case 1:
		return errors.New("no answer")
	case 2:
		return drivers.ErrStale
	case 3:
		return drivers.ErrWaiting
	case 4:
		return drivers.ErrGone
	case 5:
		<-ctx.Done() // as long as it may take
		return ctx.Err()
	}
	d.SetStatus([]string{"OL", "OB", "OB LB"}[rand.N(3)])
	d.Put(nut.Variable{Name: "ups.id", Value: fmt.Sprint(rand.N(5)), Writable: true, Text: true, MaxLen: 9})
	d.AddCommand("load.off")
	return nil
}

func (m *moody) Command(context.Context, nut.Name, string) error {
	if rand.N(3) == 0 {
		panic("moody")
	}
	return nil
}

func (m *moody) Set(context.Context, nut.Name, string) error { return nut.ErrInvalidArgument }

func (m *moody) Close() error {
	if rand.N(5) == 0 {
		panic("moody")
	}
	return nil
}

func (m *moody) News() <-chan struct{} {
	select {
	case m.news <- struct{}{}:
	default:
	}
	return m.news
}

// TestEverythingAtOnce: devices in all moods, clients that order and vanish,
// and reloads. Whatever comes of it, it ends, and leaves nobody behind.
func TestEverythingAtOnce(t *testing.T) {
	before := runtime.NumGoroutine()
	s := &site{dir: t.TempDir()}
	type settings struct {
		Port string `conf:"port"`
		Mood string `conf:"mood"`
	}
	driver := drivers.Define("moody", "1", "does anything", settings{}, func(context.Context, drivers.Env, settings) (drivers.Device, error) {
		if rand.N(5) == 0 {
			return nil, errors.New("not now")
		}
		return &moody{make(chan struct{}, 1)}, nil
	})
	section := func(name string, mood int) string {
		return fmt.Sprintf("[%s]\ndriver = moody\nport = x\npollinterval = 0.005\nmood = %d\n", name, mood)
	}
	var configs []*config.Config
	for i := range 4 {
		configs = append(configs, s.write(t, section("a", 0)+section("b", i)+section(fmt.Sprint("x", i), 0)))
	}
	a, err := New(t.Context(), configs[0], Options{Drivers: []drivers.Driver{driver}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() {
		if err := a.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	all.Go(func() {
		for ctx.Err() == nil {
			a.Reload(configs[rand.N(len(configs))])
			a.DeviceStats()
			pause(t)
		}
	})
	for range 8 {
		all.Go(func() { annoy(ctx, a.Addrs()[0].String()) })
	}
	all.Wait()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		pause(t)
	}
	buf := make([]byte, 1<<20)
	t.Errorf("%d goroutines, were %d:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
}

// annoy is a client that orders and vanishes, again and again.
func annoy(ctx context.Context, address string) {
	for ctx.Err() == nil {
		c, err := client.Dial(ctx, address, nil)
		if err != nil {
			continue
		}
		_ = c.Authenticate(ctx, "admin", "sekret")
		_ = c.SetTracking(ctx, true)
		ups := []string{"a", "b", "x1"}[rand.N(3)]
		_ = c.Login(ctx, ups)
		for range rand.N(20) {
			_, _ = c.ListVar(ctx, ups)
			if ticket, err := c.InstCmd(ctx, ups, "load.off"); err == nil {
				_ = c.Do(ctx, client.Tracking(ticket))
			}
			_, _ = c.Set(ctx, ups, "ups.id", "7")
		}
		if rand.N(2) == 0 {
			_ = c.FSD(ctx, ups)
		}
		_ = c.Close()
	}
}
