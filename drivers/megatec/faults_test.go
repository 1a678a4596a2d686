package megatec

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/drivers/simulator/megatec"
	"github.com/wattnut/wattnut/nut"
)

// TestFound: the protocol of each simulated UPS is found without being named.
func TestFound(t *testing.T) {
	for _, protocol := range megatec.Protocols() {
		t.Run(protocol, func(t *testing.T) {
			r := simulate(t, protocol)
			s := read(t, open(t, QX, settings("port", r.port)...), new(nut.Draft))
			if got := s.Value("driver.version.data"); got != protocol {
				t.Errorf("taken for %s", got)
			}
		})
	}
}

// TestNobody: a line on which nobody answers is an error that says what to look
// at, and takes its time, but no more than a call has.
func TestNobody(t *testing.T) {
	port, _ := play(t, func(string) (string, bool) { return "", false })
	opener, err := BlazerSer.Bind(settings("port", port))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	var errs []error
	for range 9 { // each goes on where the one before had to stop
		began := time.Now()
		device, err := opener(ctx, drivers.Env{Log: slog.New(slog.DiscardHandler)})
		if device != nil || !errors.Is(err, dialect.ErrSilent) || time.Since(began) > 7*time.Second {
			t.Fatalf("got %v, %v after %s", device, err, time.Since(began))
		}
		errs = append(errs, err)
		if strings.Contains(err.Error(), "cable") {
			break
		}
		ctx, cancel = context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
	}
	if last := errs[len(errs)-1].Error(); !strings.Contains(last, "cable") || !strings.Contains(errs[0].Error(), "tried") {
		t.Errorf("%v", errs)
	}
}

// spoiled are the things that a bad line does to an answer, by the number of the
// exchange.
func spoiled(r *rig, spoil func(n int, answer string) (string, bool)) {
	n := 0
	r.spoils(func(_, answer string, ok bool) (string, bool) {
		n++
		if !ok {
			return "", false
		}
		return spoil(n, answer)
	})
}

// TestBadLine: answers that are spoiled now and then bring no wrong facts, and
// none is missed for long.
func TestBadLine(t *testing.T) {
	for name, spoil := range map[string]func(n int, answer string) (string, bool){
		"truncated": func(n int, answer string) (string, bool) {
			if n%3 == 0 {
				answer = answer[:len(answer)/2]
			}
			return answer, true
		},
		"doubled": func(_ int, answer string) (string, bool) { return answer + "\r" + answer, true },
		"noise before": func(n int, answer string) (string, bool) {
			if n%3 == 0 {
				answer = "\x00\xff~" + answer
			}
			return answer, true
		},
		"flipped": func(n int, answer string) (string, bool) {
			if n%3 == 0 {
				answer = strings.ReplaceAll(answer, "0", "\xb0")
			}
			return answer, true
		},
		"babbling": func(n int, answer string) (string, bool) {
			if n%3 == 0 {
				answer = strings.Repeat("x", 5000)
			}
			return answer, true
		},
		"NAK": func(n int, answer string) (string, bool) {
			if n%4 == 0 {
				answer = "(NAK"
			}
			return answer, true
		},
		"silence": func(n int, answer string) (string, bool) { return answer, n%4 != 0 },
	} {
		t.Run(name, func(t *testing.T) {
			good := simulate(t, "megatec")
			want := facts(t, QX, settings("port", good.port, "protocol", "megatec", "pollfreq", "0")...)
			r := simulate(t, "megatec")
			spoiled(r, spoil)
			d := open(t, QX, settings("port", r.port, "protocol", "megatec", "pollfreq", "0")...)
			var draft nut.Draft
			for range 4 {
				got := make(map[string]string)
				for v := range read(t, d, &draft).Variables() {
					got[string(v.Name)] = v.Value
				}
				if name == "NAK" && got["device.mfr"] == "" {
					continue // once refused, never asked again
				}
				compare(t, difference(want, got), nil)
			}
		})
	}
}

// TestLate: an answer that comes after its time is not taken for the next one's.
func TestLate(t *testing.T) {
	r := simulate(t, "megatec")
	r.spoils(func(command, answer string, ok bool) (string, bool) {
		if command == "F" {
			<-time.After(1300 * time.Millisecond)
		}
		return answer, ok
	})
	d := open(t, QX, settings("port", r.port, "protocol", "megatec", "pollfreq", "0")...)
	var draft nut.Draft
	for range 2 {
		s := read(t, d, &draft)
		if s.Value("input.voltage") != "227.2" || s.Value("device.mfr") != "WATTNUT" || strings.Trim(s.Value("input.voltage.nominal"), "230") != "" {
			t.Errorf("voltage %q, maker %q, nominal %q", s.Value("input.voltage"), s.Value("device.mfr"), s.Value("input.voltage.nominal"))
		}
	}
}

// TestSilent: a device that stops answering ends the contact within seconds, and
// is met again when it answers again.
func TestSilent(t *testing.T) {
	for _, protocol := range []string{"megatec"} {
		t.Run(protocol, func(t *testing.T) {
			r := simulate(t, protocol)
			opener, err := QX.Bind(settings("port", r.port))
			if err != nil {
				t.Fatal(err)
			}
			meet := func() (drivers.Device, error) {
				return opener(t.Context(), drivers.Env{Log: slog.New(slog.DiscardHandler)})
			}
			d, err := meet()
			if err != nil {
				t.Fatal(err)
			}
			var draft nut.Draft
			read(t, d, &draft)
			r.hush(true)
			began := time.Now()
			if err := d.Read(t.Context(), &draft); !errors.Is(err, dialect.ErrSilent) || time.Since(began) > 5*time.Second {
				t.Fatalf("a silent device: %v after %s", err, time.Since(began))
			}
			d.Close()
			if _, err := meet(); !errors.Is(err, dialect.ErrSilent) {
				t.Fatalf("opened: %v", err)
			}
			r.hush(false)
			began = time.Now()
			d, err = meet()
			if err != nil || time.Since(began) > 3*time.Second {
				t.Fatalf("not met again: %v after %s", err, time.Since(began))
			}
			read(t, d, &draft)
			d.Close()
		})
	}
}

// hush has the device not answer any more, or answer again.
func (r *rig) hush(quiet bool) {
	r.spoils(nil)
	if quiet {
		r.spoils(func(string, string, bool) (string, bool) { return "", false })
	}
}

// TestUnplugged: a port that vanishes ends the contact at once.
func TestUnplugged(t *testing.T) {
	r := simulate(t, "megatec")
	d := open(t, QX, settings("port", r.port, "protocol", "megatec")...)
	var draft nut.Draft
	read(t, d, &draft)
	r.far.Close()
	began := time.Now()
	if err := d.Read(t.Context(), &draft); err == nil || errors.Is(err, dialect.ErrSilent) || time.Since(began) > time.Second {
		t.Errorf("got %v after %s", err, time.Since(began))
	}
}

// TestCheck: what is wrong in ups.conf is told before any device is opened.
func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		driver   drivers.Driver
		settings []drivers.Setting
		want     string // "" where it is right
	}{
		{QX, settings("port", "x"), ""},
		{QX, settings("port", "x", "protocol", "megatec/old"), ""},
		{QX, settings("port", "x", "protocol", "Voltronic"), ""},
		{QX, settings("port", "x", "protocol", "mine.yaml"), ""},
		{QX, settings("port", "x", "protocol", "megatek"), "protocol: megatek is none of"},
		{BlazerSer, settings("port", "x", "protocol", "voltronic"), "protocol: voltronic is none of"},
		{QX, settings("port", "x", "cablepower", "much"), "cablepower"},
		{QX, settings("port", "x", "runtimecal", "1,2,3"), "runtimecal: takes four numbers"},
		{QX, settings("port", "x", "runtimecal", "240,100,720,50"), ""},
		{QX, settings("port", "x", "runtimecal", "720,100,240,50"), "the longer one"},
		{QX, settings("port", "x", "runtimecal", "240,50,720,100"), "the higher one first"},
		{QX, settings("port", "x", "runtimecal", "a,b,c,d"), "not a number"},
		{QX, settings("port", "x", "idleload", "0"), "idleload"},
		{QX, settings("port", "x", "chargetime", "0"), "chargetime"},
		{QX, settings("port", "x", "ondelay", "soon"), "ondelay"},
		{QX, settings("port", "x", "default.battery.voltage.low", "x"), "default.battery.voltage.low"},
		{QX, settings("port", "auto", "subdriver", "cypress"), "subdriver: wants vendorid"},
		{QX, settings("port", "auto", "subdriver", "x", "vendorid", "1", "productid", "2"), "there is no subdriver x"},
		{QX, settings("port", "auto", "langid_fix", "0x409"), ""},
		{QX, settings("port", "auto", "langid_fix", "en"), "langid_fix"},
		{QX, settings("port", "auto", "vendorid", "("), "vendorid"},
		{BlazerUSB, settings("port", "auto", "cablepower", "normal"), "no such setting"},
		{BlazerUSB, settings("port", "auto"), ""},
	} {
		_, err := tt.driver.Bind(tt.settings)
		if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
			t.Errorf("%s %v: %v, want %q", tt.driver.Name, tt.settings, err, tt.want)
		}
	}
}
