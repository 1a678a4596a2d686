package megatec

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

func ups() *model.UPS {
	return model.New(model.Spec{
		Power: 1000, RealPower: 600, Ambient: 25,
		Battery: model.Battery{Capacity: 168, Voltage: 24, Charger: 40, Charge: 1, Health: 1},
		Mains:   model.Mains{Voltage: 230, Frequency: 50},
		Load:    model.Load{Level: 0.34},
	})
}

func face(t *testing.T, protocol string) *Face {
	t.Helper()
	f, err := New(ups(), Config{Protocol: protocol, Mfr: "WATTNUT", Model: "SIM 1000", Firmware: "V1.23", Serial: "123456"})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestAnswers: each answer has the form of its protocol, character by character.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct{ protocol, command, want string }{
		{"megatec", "Q1", "(227.2 230.0 227.2 034 50.0 27.3 25.0 00001001"},
		{"megatec", "F", "#230.0 004 24.00 50.0"},
		{"megatec", "I", "#WATTNUT         SIM 1000   V1.23     "},
		{"megatec", "QS", "QS"}, // what is not understood is said again
		{"megatec", "Q1 ", "Q1 "},
		{"megatec-old", "D", "(227.2 230.0 227.2 034 50.0 27.3 25.0 00001001"},
		{"mustek", "QS", "(227.2 230.0 227.2 034 50.0 27.3 25.0 00001001"},
		{"q1", "F", "F"},
		{"zinto", "FW?", "#WATTNUT         SIM 1000   V1.23     "},
		{"mecer", "QPI", "(PI98"},
		{"mecer", "X", "(NAK"},
		{"mecer", "T", "(ACK"},
		{"bestups", "ID", "FOR,1000,230,230,19.2,27.1"},
		{"bestups", "M", "5"},
		{"voltronic-qs", "M", "V"},
		{"voltronic", "QPI", "(PI01"},
		{"voltronic", "QGS", "(227.2 50.0 227.2 50.0 001.5 034 ---.- ---.- 027.3 ---.- 025.0 010000000000"},
		{"voltronic", "QMOD", "(L"},
		{"voltronic", "QRI", "(230.0 004 024.0 50.0"},
		{"voltronic", "QMD", "(#######SIM 1000 ###1000 60 1/1 230 230 02 12.0"},
		{"voltronic", "QFLAG", "(EagjprsDbcdeflnoqvw"},
		{"voltronic", "C", "(NAK"},
	} {
		if got, ok := face(t, tt.protocol).Answer(tt.command); got != tt.want || !ok {
			t.Errorf("%s: %s: got %q (%d), want %q", tt.protocol, tt.command, got, len(got), tt.want)
		}
	}
	if _, err := New(ups(), Config{Protocol: "x"}); err == nil || !strings.Contains(err.Error(), "megatec") {
		t.Errorf("an unknown protocol brings %v", err)
	}
}

// TestOrders: what it is told, it does.
func TestOrders(t *testing.T) {
	for _, tt := range []struct {
		protocol string
		commands []string
		after    time.Duration
		want     string // status bits, or mode
	}{
		{"megatec", []string{"T"}, time.Second, "00001101"},
		{"megatec", []string{"Q"}, 0, "00001000"},
		{"megatec", []string{"S.5R0003"}, time.Second, "00001011"},
		{"megatec", []string{"S.5R0003", "C"}, time.Second, "00001001"},
		{"megatec", []string{"T10", "CT"}, time.Second, "00001001"},
		{"voltronic", []string{"SOFF"}, 0, "S"},
		{"voltronic", []string{"SOFF", "SON"}, 0, "L"},
		{"voltronic", []string{"S.2R0003"}, 20 * time.Second, "S"},
		{"voltronic", []string{"S.2R0003"}, 4 * time.Minute, "L"},
		{"voltronic", []string{"S.2R0000"}, time.Hour, "S"},
		{"voltronic", []string{"T"}, time.Second, "T"},
		{"voltronic", []string{"PEB", "PDR"}, 0, "L"},
	} {
		f := face(t, tt.protocol)
		for _, c := range tt.commands {
			f.Answer(c)
		}
		f.ups.Step(tt.after)
		ask := map[string]string{"megatec": "Q1", "voltronic": "QMOD"}[tt.protocol]
		if got, _ := f.Answer(ask); !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s, %v, after %s: %q, want %q", tt.protocol, tt.commands, tt.after, got, tt.want)
		}
	}
	f := face(t, "voltronic")
	f.Answer("PEB")
	f.Answer("PDR")
	f.Answer("BATGN12")
	if got, _ := f.Answer("QFLAG"); got != "(EabgjpsDcdeflnoqrvw" {
		t.Errorf("switches: %s", got)
	}
	if got, _ := f.Answer("QBV"); got[10:12] != "12" {
		t.Errorf("packs: %s", got)
	}
}

// TestOutage: the mains is seen to fail.
func TestOutage(t *testing.T) {
	f := face(t, "megatec")
	f.ups.Wire(model.Unplugged)
	f.ups.Step(time.Minute)
	got, _ := f.Answer("Q1")
	if !strings.HasPrefix(got, "(000.0 000.0 230.0") || got[38] != '1' {
		t.Errorf("in an outage: %s", got)
	}
}

type wire struct {
	io.Reader
	bytes.Buffer
}

func (w *wire) Read(b []byte) (int, error) { return w.Reader.Read(b) }

// TestServe: commands end with a carriage return, and noise is borne.
func TestServe(t *testing.T) {
	w := &wire{Reader: strings.NewReader("Q1\rS.2\r" + strings.Repeat("x", 1000) + "\rI\r")}
	err := Serve(w, func(c string) (string, bool) { return "<" + c[:min(len(c), 3)] + ">", c != "S.2" })
	if got := w.String(); err != nil || !strings.HasPrefix(got, "<Q1>\r") || !strings.HasSuffix(got, "<I>\r") || strings.Contains(got, "S.2") {
		t.Errorf("got %q, %v", got, err)
	}
	broken := errors.New("broken")
	if err := Serve(&wire{Reader: io.MultiReader(strings.NewReader("Q1\r"), bad{broken})}, func(string) (string, bool) { return "", false }); !errors.Is(err, broken) {
		t.Errorf("a broken line brings %v", err)
	}
}

type bad struct{ error }

func (b bad) Read([]byte) (int, error) { return 0, b.error }
