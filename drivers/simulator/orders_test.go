package simulator

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/nut"
)

// TestCommands gives one order after the other, and looks at what comes of it.
func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, read := opened(t, "preset", "rack", "speed", "1", "outage.lasts", "0", "surge.lasts", "0", "battery.charge", "100")
		read(0)
		for _, tt := range []struct {
			cmd   nut.Name
			err   error
			after time.Duration
			name  nut.Name
			want  string
		}{
			{"simulator.mains.off", nil, time.Second, "ups.status", "OB DISCHRG"},
			{"test.battery.start", nut.ErrFailed, 0, "ups.test.result", "No test initiated"},
			{"simulator.mains.on", nil, time.Second, "ups.status", "OL CHRG"},
			{"test.battery.start.quick", nil, time.Second, "ups.status", "OL DISCHRG TEST"},
			{"test.battery.start.deep", nut.ErrFailed, 0, "ups.test.result", "In progress"},
			{"test.battery.stop", nil, time.Second, "ups.test.result", "Aborted"},
			{"calibrate.start", nil, time.Second, "ups.status", "OL CAL DISCHRG"},
			{"CALIBRATE.stop", nil, time.Second, "ups.status", "OL CHRG"},
			{"calibrate.stop", nut.ErrFailed, 0, "ups.status", "OL CHRG"},
			{"bypass.start", nil, time.Second, "ups.status", "OL CHRG BYPASS"},
			{"bypass.stop", nil, time.Second, "ups.status", "OL CHRG"},
			{"beeper.mute", nil, 0, "ups.beeper.status", "muted"},
			{"beeper.disable", nil, 0, "ups.beeper.status", "disabled"},
			{"beeper.enable", nil, 0, "ups.beeper.status", "enabled"},
			{"shutdown.stop", nut.ErrFailed, 0, "ups.timer.shutdown", "-1"},
			{"shutdown.return", nil, 5 * time.Second, "ups.timer.shutdown", "15"},
			{"shutdown.stop", nil, time.Second, "ups.timer.shutdown", "-1"},
			{"shutdown.stayoff", nil, 21 * time.Second, "ups.status", "OL CHRG OFF"},
			{"load.on", nil, time.Second, "output.voltage", "230.0"},
			{"load.off", nil, time.Second, "output.voltage", "0.0"},
			{"load.on.delay", nil, 31 * time.Second, "output.voltage", "230.0"},
			{"load.off.delay", nil, 21 * time.Second, "output.voltage", "0.0"},
			{"simulator.mains.schedule", nil, 0, "input.frequency.nominal", "50"},
			{"reset.watchdog", nut.ErrUnknown, 0, "ups.load", "0"},
		} {
			if err := u.Command(t.Context(), tt.cmd, ""); !errors.Is(err, tt.err) {
				t.Errorf("%s: %v, want %v", tt.cmd, err, tt.err)
			}
			if got := read(tt.after).Value(tt.name); got != tt.want {
				t.Errorf("after %s, %s is %q, want %q", tt.cmd, tt.name, got, tt.want)
			}
		}
	})
}

func TestCommandArguments(t *testing.T) {
	u, _ := opened(t)
	if err := u.Command(t.Context(), "load.off", "5"); !errors.Is(err, nut.ErrInvalidArgument) {
		t.Errorf("a parameter brings %v", err)
	}
	if err := u.Command(t.Context(), "bypass.start", ""); !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("bypass without one brings %v", err)
	}
}

func TestSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, read := opened(t, "preset", "home", "outage.lasts", "0")
		for _, tt := range []struct {
			name  nut.Name
			value string
			err   error
			want  string
		}{
			{"ups.delay.shutdown", "45", nil, "45"},
			{"ups.delay.shutdown", "601", nut.ErrInvalidArgument, "45"},
			{"ups.delay.shutdown", "4.5", nut.ErrInvalidArgument, "45"},
			{"Battery.Charge.Low", "30", nil, "30"},
			{"input.transfer.low", "200", nil, "200"},
			{"ups.start.auto", "no", nil, "no"},
			{"ups.start.auto", "perhaps", nut.ErrInvalidArgument, "no"},
			{"ups.id", "desk", nil, "desk"},
			{"ups.id", strings.Repeat("x", 33), nut.ErrInvalidArgument, "desk"},
			{"ups.load", "1", nut.ErrUnknown, "34"},
		} {
			if err := u.Set(t.Context(), tt.name, tt.value); !errors.Is(err, tt.err) {
				t.Errorf("set %s to %s: %v, want %v", tt.name, tt.value, err, tt.err)
			}
			if got := read(0).Value(tt.name); got != tt.want && tt.name != "ups.load" {
				t.Errorf("%s is %q, want %q", tt.name, got, tt.want)
			}
		}
	})
}

func TestAlarms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, read := opened(t, "battery.health", "50", "load", "120", "load.swing", "0")
		s := read(0)
		if got := s.Value("ups.status"); got != "ALARM OL OVER RB" {
			t.Errorf("status %q", got)
		}
		if got := s.Value("ups.alarm"); got != "Replace battery! Overload!" {
			t.Errorf("alarm %q", got)
		}
	})
}
