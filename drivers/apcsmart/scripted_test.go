package apcsmart

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/nut"
)

// scripted answers each letter, or pair of letters, as a test wants: with nothing
// for those in quiet, and NA for those that it does not have.
type scripted struct {
	answers map[string]string
	quiet   string

	mu    sync.Mutex // guards answers once it serves, and heard
	heard string
}

// asked returns what was heard since it was called the last time.
func (s *scripted) asked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	heard := s.heard
	s.heard = ""
	return heard
}

// answer takes a letter, after a first one that it had nothing to say to.
func (s *scripted) answer(first, letter string) (answer string, says bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard += letter
	quiet := strings.Contains(s.quiet, letter)
	for _, asked := range []string{first + letter, letter} {
		if answer, ok := s.answers[asked]; ok {
			return answer, true
		}
	}
	return "NA", !quiet
}

func (s *scripted) serve(far net.Conn) {
	b := make([]byte, 1)
	var first string
	for {
		if _, err := far.Read(b); err != nil {
			return
		}
		answer, says := s.answer(first, string(b))
		first = ""
		if !says {
			first = string(b)
			continue
		}
		if _, err := io.WriteString(far, answer+"\r\n"); err != nil {
			return
		}
	}
}

// met makes contact with a scripted UPS.
func met(t *testing.T, s *scripted, c Config) (*device, error) {
	t.Helper()
	near, far := net.Pipe()
	go s.serve(far)
	port := serial.New(near)
	t.Cleanup(func() { port.Close(); far.Close() })
	if _, ok := s.answers["Y"]; !ok {
		s.answers["Y"] = "SM"
	}
	d := &device{link: link{port: port}, config: c, log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return d, d.meet(ctx)
}

func TestModels(t *testing.T) {
	for _, tt := range []struct {
		name    string
		ups     *scripted
		facts   map[nut.Name]string
		command nut.Name // one that it takes
	}{
		{
			"very old, by two digits of V",
			&scripted{answers: map[string]string{"V": "9F", "Q": "08", "L": "230.1", "j": "0010:"}},
			map[nut.Name]string{"ups.model": "Smart-UPS", "input.voltage": "230.1", "battery.runtime": "", "ups.firmware": "9F"},
			"load.off",
		},
		{
			"listed, by V",
			&scripted{answers: map[string]string{"V": "0XI", "Q": "08", "T": "010.5", "j": "0010:"}},
			map[nut.Name]string{"ups.model": "Matrix-UPS", "device.uptime": "36000", "battery.runtime": "600"},
			"bypass.start",
		},
		{
			"listed, by b",
			&scripted{answers: map[string]string{"b": "5.4.D", "Q": "08", "\x01": "SMART-UPS 700", "B": "27.1"}},
			map[nut.Name]string{"ups.model": "SMART-UPS 700", "battery.voltage": "27.1", "ups.firmware": "5.4.D"},
			"shutdown.return",
		},
		{
			"says nothing of itself",
			&scripted{answers: map[string]string{"V": "XYZ", "Q": "08", "/": "03.3", "L": "120.0"}},
			map[nut.Name]string{"ups.model": "Matrix-UPS", "input.voltage": "120.0", "output.current": "03.3"},
			"",
		},
		{
			"does not even refuse",
			&scripted{answers: map[string]string{"Q": "08", "L": "120.0", "Y": "SM"}, quiet: "VbaCPOfB\x01n/"},
			map[nut.Name]string{"ups.model": "Smart-UPS", "input.voltage": "120.0"},
			"",
		},
		{
			"with pairs of letters, and a region",
			&scripted{answers: map[string]string{
				"V": "FWI", "b": "50.9.I", "a": "3.!$.\x1abFLosT.\x9f:\xd3\xd4", "\x9f\xd3": "49.97", "\x9f\xd4": "00.1", "F": "50.00",
				"o": "230", "s": "H", "T": "23.50,,21.00", "\x1a": "#oI33230240220oD13115s441HMLX",
			}, quiet: "\x9f"},
			map[nut.Name]string{
				"input.frequency": "49.97", "output.frequency": "50.00", "battery.current": "00.1", "ups.firmware": "50.9.I",
				"ambient.1.temperature": "23.50", "ambient.2.temperature": "N/A", "ambient.3.temperature": "21.00",
			},
			"",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, err := met(t, tt.ups, Config{})
				if err != nil {
					t.Fatal(err)
				}
				for name, want := range tt.facts {
					if got := d.facts[name]; got != want {
						t.Errorf("%s is %q, want %q", name, got, want)
					}
				}
				if tt.command != "" && !slices.ContainsFunc(d.commands, func(c command) bool { return c.Name == tt.command }) {
					t.Errorf("no %s among %v", tt.command, d.commands)
				}
			})
		})
	}
}

func TestChoices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := met(t, &scripted{answers: map[string]string{
			"V": "FWI", "b": "50.9.I", "a": "3.!$.\x1abEosq", "o": "230", "s": "H", "q": "02", "E": "336",
			"\x1a": "#oI33230240220oD13115s441HMLXq4220205E443336168ON OFF" + "u4",
		}}, Config{})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[nut.Name]string{
			"output.voltage.nominal": "230 240 220", "input.sensitivity": "H M L X", "battery.runtime.low": "120 300", "ups.test.interval": "1209600 604800 0",
		} {
			if got := strings.Join(d.choices[name], " "); got != want {
				t.Errorf("%s may be %q, want %q", name, got, want)
			}
		}
	})
}

func TestNotSmart(t *testing.T) {
	for answer, want := range map[string]string{"NA": `"NA" is the answer to Y`, "": "no answer to Y"} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{answers: map[string]string{"Y": answer}}
			if answer == "" {
				s.answers, s.quiet = map[string]string{}, "Y\x1b"
			}
			near, far := net.Pipe()
			go s.serve(far)
			l := link{port: serial.New(near)}
			began := time.Now()
			err := l.wake(t.Context())
			if err == nil || !strings.Contains(err.Error(), want) || time.Since(began) > 10*time.Second {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
			l.port.Close()
			far.Close()
		})
	}
}

// TestAlerts: alerts within answers are no part of them, have the status asked
// for again, and are news when nobody asks.
func TestAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: map[string]string{"V": "FWI", "a": "3.!$.LO", "Q": "08", "L": "2!30.1", "O": "$231.0"}}
		d, err := met(t, s, Config{})
		if err != nil {
			t.Fatal(err)
		}
		var draft nut.Draft
		s.asked()
		if err := d.Read(t.Context(), &draft); err != nil {
			t.Fatal(err)
		}
		if v, o := draft.Value("input.voltage"), draft.Value("output.voltage"); v != "230.1" || o != "231.0" {
			t.Errorf("%q, %q", v, o)
		}
		if got := s.asked(); got != "QLOQ" {
			t.Errorf("asked %q", got)
		}
	})
}

func TestNews(t *testing.T) {
	u := simulate(t, identity)
	d := opened(t, u.port)
	var draft nut.Draft
	if err := d.Read(t.Context(), &draft); err != nil {
		t.Fatal(err)
	}
	select {
	case <-d.News():
		t.Error("there are news of what was read")
	default:
	}
	u.mains(false)
	select {
	case <-d.News():
	case <-time.After(10 * time.Second):
		t.Fatal("no news of an outage")
	}
	if err := d.Read(t.Context(), &draft); err != nil || draft.Value("ups.status") != "OB" {
		t.Errorf("%s, %v", draft.Value("ups.status"), err)
	}
}

// TestWays: which letters cut the power, by the settings and the status.
func TestWays(t *testing.T) {
	for _, tt := range []struct {
		config Config
		status string
		agrees string // letters that are agreed to
		want   string // what is sent after the status was asked for
		ok     bool
	}{
		{Config{}, "08", "S0", "@000", true},
		{Config{}, "10", "S0", "S", true},
		{Config{SDType: 1}, "10", "0", "S@000", true},
		{Config{SDType: 1}, "08", "S0", "@000", true},
		{Config{SDType: 2}, "08", "", "ZZ", true},
		{Config{SDType: 3}, "08", "K", "KK", true},
		{Config{SDType: 4}, "08", "US", "US", true},
		{Config{SDType: 5, AWD: "7"}, "10", "7", "@007", true},
		{Config{SDType: 5, AWD: "07"}, "10", "7", "@07", true},
		{Config{SDType: 5}, "10", "", "@000", false},
		{Config{AdvOrder: "no"}, "10", "S", "S", true},
		{Config{AdvOrder: "042"}, "08", "K", "SUKK", true},
		{Config{AdvOrder: "013"}, "08", "", "S@000ZZ", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{answers: map[string]string{"V": "FWI", "a": "3.!$.L", "Q": tt.status}, quiet: "@SUKZ0123456789"}
			d, err := met(t, s, tt.config)
			if err != nil {
				t.Fatal(err)
			}
			agree(s, tt.agrees)
			s.asked()
			err = d.Command(t.Context(), cutPower, "")
			time.Sleep(time.Minute) //nolint:forbidigo // fake time
			if got := strings.TrimPrefix(s.asked(), "Q"); got != tt.want || (err == nil) != tt.ok {
				t.Errorf("%+v, status %s: sent %q, want %q (%v)", tt.config, tt.status, got, tt.want, err)
			}
		})
	}
}

// agree has a UPS answer OK to letters, where they come at the end of what they
// need: twice the letter, or the digits after @.
func agree(s *scripted, letters string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range letters {
		switch c {
		case 'K':
			s.answers["KK"] = "OK"
		case '0', '7':
			for _, before := range []string{"0", "@0"} {
				s.answers[before+string(c)] = "OK"
			}
		default:
			s.answers[string(c)] = "OK"
		}
	}
}

func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: map[string]string{
			"V": "FWI", "a": "3.!$.@SKDWUA^LQ", "Q": "08", "D": "OK", "W": "NO", "A": "OK", "^": "BYP", "S": "*", "KK": "OK",
		}, quiet: "K@"}
		d, err := met(t, s, Config{CSHDelay: 3.5})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			cmd, arg string
			wait     time.Duration
			want     error
		}{
			{"shutdown.return", "", 0, nut.ErrFailed},
			{"shutdown.return", "", time.Second, nut.ErrFailed}, // too soon, and counts as the first
			{"shutdown.return", "", 5 * time.Second, nil},
			{"shutdown.return", "", 5 * time.Second, nut.ErrFailed},  // a new one
			{"shutdown.return", "", 20 * time.Second, nut.ErrFailed}, // too late
			{"shutdown.stayoff", "", 5 * time.Second, nut.ErrFailed}, // another
			{"shutdown.stayoff", "", 5 * time.Second, nil},
			{"shutdown.return", "soon", 0, nut.ErrInvalidArgument},
			{"shutdown.return", "at:1234", 0, nut.ErrInvalidArgument},
			{"shutdown.return", "AT:12", 0, nut.ErrFailed},
			{"calibrate.stop", "", 0, nut.ErrFailed}, // there is none
			{"calibrate.start", "", 0, nil},
			{"calibrate.start", "1", 0, nut.ErrInvalidArgument},
			{"test.battery.start", "", 0, nut.ErrFailed},
			{"test.panel.start", "", 0, nil},
			{"bypass.start", "", 0, nil},
			{"load.off", "", 0, nut.ErrUnknown},
			{"shutdown.default", "1", 0, nut.ErrInvalidArgument},
		} {
			time.Sleep(tt.wait) //nolint:forbidigo // fake time
			if err := d.Command(t.Context(), nut.Name(tt.cmd), tt.arg); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Errorf("%s %q after %v: %v, want %v", tt.cmd, tt.arg, tt.wait, err, tt.want)
			}
		}
	})
}

// TestAgrees: only a yes is one.
func TestAgrees(t *testing.T) {
	for answer, want := range map[string]error{
		"OK": nil, "*": nil, "!OK": nil, "!\r\nOK": nil, "NO": nut.ErrFailed, "NA": nut.ErrFailed, "": nut.ErrFailed, "$": nut.ErrFailed,
		strings.Repeat("x", maxAnswer): serial.ErrTooLong,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{answers: map[string]string{"V": "FWI", "a": "3.!$.S", "Q": "10", "S": answer}}
			d, err := met(t, s, Config{})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Command(t.Context(), cutPower, ""); !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%.20q: %v", answer, err)
			}
		})
	}
}

// TestHourly: what does not change by itself is read again each hour, and after
// it was set.
func TestHourly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: map[string]string{"V": "FWI", "a": "3.!$.Lcx", "Q": "08", "L": "230.0", "c": "UPS_IDEN", "x": "01/01/01"}}
		d, err := met(t, s, Config{})
		if err != nil {
			t.Fatal(err)
		}
		var draft nut.Draft
		for _, tt := range []struct {
			after time.Duration
			want  string
		}{{0, "QL"}, {time.Minute, "QL"}, {time.Hour, "QLcx"}, {time.Minute, "QL"}} {
			time.Sleep(tt.after) //nolint:forbidigo // fake time
			s.asked()
			if err := d.Read(t.Context(), &draft); err != nil {
				t.Fatal(err)
			}
			if got := s.asked(); len(got) != len(tt.want) {
				t.Errorf("asked %q, want %q", got, tt.want)
			}
		}
	})
}

// says has a scripted UPS answer a letter otherwise from now on.
func (s *scripted) says(letter, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[letter] = answer
}

// TestTwice: low and on battery is believed when it is said twice; the end of it at
// once.
func TestTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		d := &device{link: link{port: serial.New(near)}, log: slog.New(slog.DiscardHandler)}
		defer d.port.Close()
		answers := make(chan string, 8)
		go func() {
			b := make([]byte, 1)
			for {
				if _, err := far.Read(b); err != nil {
					return
				}
				if _, err := io.WriteString(far, <-answers+"\r\n"); err != nil {
					return
				}
			}
		}()
		for _, tt := range []struct {
			answers string
			want    string // "" for an error
		}{
			{"08", "OL"},
			{"50 08", "OL"}, // one bad byte, or the answer to another letter
			{"50 10", "OB"}, // low for one answer only
			{"08", "OL"},
			{"50 xx 50", "OB LB"}, // with noise in between
			{"50", "OB LB"},
			{"10", "OB"},
			{"50 58 50 58", ""},
			{"58 58", "OL OB LB"},
		} {
			for answer := range strings.FieldsSeq(tt.answers) {
				answers <- answer
			}
			err := d.readStatus(t.Context())
			if got := strings.Join(d.status.words(), " "); (err == nil) != (tt.want != "") || err == nil && got != tt.want || len(answers) != 0 {
				t.Errorf("%s: %s, %v, %d not asked for", tt.answers, got, err, len(answers))
			}
		}
	})
}

// TestForgotten: a value that the UPS does not tell any more is not shown for
// ever.
func TestForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: map[string]string{"V": "FWI", "a": "3.!$.fT", "Q": "10", "f": "100.0", "T": "23.50,,21.00"}}
		d, err := met(t, s, Config{})
		if err != nil {
			t.Fatal(err)
		}
		var draft nut.Draft
		for i, tt := range []struct{ charge, want, ambient string }{
			{"100.0", "100.0", "21.00"},
			{"NA", "100.0", "21.00"},
			{"NA", "100.0", "21.00"},
			{"050.0", "050.0", "21.00"},
			{"NA", "050.0", "21.00"},
			{"NA", "050.0", "21.00"},
			{"NA", "", ""},
			{"NA", "", ""},
			{"040.0", "040.0", "22.00"},
		} {
			s.says("f", tt.charge)
			s.says("T", map[bool]string{true: "NA", false: "23.50,,21.00"}[i > 3])
			if i == 8 {
				s.says("T", "23.50,,22.00")
			}
			if err := d.Read(t.Context(), &draft); err != nil {
				t.Fatal(err)
			}
			if c, a := draft.Value("battery.charge"), draft.Value("ambient.3.temperature"); c != tt.want || a != tt.ambient {
				t.Errorf("step %d: charge %q, ambient %q; want %+v", i, c, a, tt)
			}
		}
	})
}

// TestQuiet: a UPS that is silent to all that it does not have is met in the time
// that there is for it, whatever set of letters it is thought to take.
func TestQuiet(t *testing.T) {
	all, err := known()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all.Firmwares {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{answers: map[string]string{"V": f.Firmware, "Q": "08", "L": "230.0"}}
			if f.Firmware == "old" {
				s.answers["V"] = "9F"
			}
			for c := byte(1); c < 0x7f; c++ {
				if letter := string(rune(c)); s.answers[letter] == "" && letter != "Y" {
					s.quiet += letter
				}
			}
			d, err := met(t, s, Config{})
			if err != nil || f.Letters.has("L") && d.facts["input.voltage"] != "230.0" {
				t.Errorf("%s: %v, %v", f.Firmware, d.facts, err)
			}
		})
	}
}
