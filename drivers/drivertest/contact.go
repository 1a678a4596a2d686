package drivertest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/wattnut/wattnut/drivers"
)

func describes(_ context.Context, c Config) error {
	var errs []error
	d := c.Driver
	for what, text := range map[string]string{"Name": d.Name, "Version": d.Version, "About": d.About} {
		if text == "" {
			errs = append(errs, fmt.Errorf("%s is empty", what))
		}
	}
	for _, o := range d.Options {
		if o.Help == "" {
			errs = append(errs, fmt.Errorf("setting %s has no help", o.Name))
		}
	}
	return errors.Join(errs...)
}

func refusesUnknown(_ context.Context, c Config) error {
	if _, err := c.Driver.Bind(c.Settings); err != nil {
		return fmt.Errorf("the right settings are refused: %w", err)
	}
	const name = "drivertest-no-such-setting"
	_, err := c.Driver.Bind(append(slices.Clip(c.Settings), drivers.Setting{Name: name, Value: "1"}))
	if setting, ok := errors.AsType[*drivers.SettingError](err); !ok || setting.Name != name {
		return fmt.Errorf("an unknown setting brings %w, not its *SettingError", errOr(err))
	}
	return nil
}

func opensAndCloses(ctx context.Context, c Config) error {
	before := runtime.NumGoroutine()
	for range 3 {
		if err := c.with(ctx, func(context.Context, *specimen) error { return nil }); err != nil {
			return err
		}
	}
	return settles(before, c.Limit)
}

// opensInTime opens under a context that has ended. The device may be there all
// the same; it has to be an error only if it is not.
func opensInTime(ctx context.Context, c Config) error {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	s, err := c.open(ctx)
	switch {
	case errors.Is(err, errHangs):
		return err
	case err == nil && s.Device == nil:
		return errors.New("neither a device nor an error")
	case err == nil:
		err = s.close()
	default:
		err = nil
	}
	return errors.Join(err, settles(before, c.Limit))
}

// readsInTime reads under a context that has ended, after which the device can
// be closed.
func readsInTime(ctx context.Context, c Config) error {
	before := runtime.NumGoroutine()
	err := c.with(ctx, func(ctx context.Context, s *specimen) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		err := within(c.Limit, func() error { return s.Read(ctx, &s.draft) })
		if errors.Is(err, errHangs) {
			return err
		}
		return nil
	})
	return errors.Join(err, settles(before, c.Limit))
}
