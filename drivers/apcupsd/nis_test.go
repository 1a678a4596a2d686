package apcupsd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// record is a text with its length.
func record(text string) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(len(text)))) + text
}

// answer is what an apcupsd answers with these lines.
func answer(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(record(line + "\n"))
	}
	return b.String() + "\x00\x00"
}

// scripted serves the same answer to everybody, and tells what was asked.
func scripted(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 8)
			if _, err := io.ReadFull(conn, request); err == nil && string(request) == "\x00\x06status" {
				_, _ = io.WriteString(conn, text)
			}
			conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestStatus(t *testing.T) {
	for _, tt := range []struct {
		text string
		want map[string]string
		err  string
	}{
		{answer("APC      : 001,036,0873", "STATUS   : ONLINE ", "MODEL    : Back-UPS ES 550 ", "nonsense", ": x"), map[string]string{"APC": "001,036,0873", "STATUS": "ONLINE", "MODEL": "Back-UPS ES 550"}, ""},
		{answer("DATE : 2026-11-28 01:00:00 +0000"), map[string]string{"DATE": "2026-11-28 01:00:00 +0000"}, ""},
		{answer(), nil, "nothing of a UPS"},
		{"", nil, "unexpected EOF"},
		{"\x00", nil, "unexpected EOF"},
		{"\x00\x08STATUS", nil, "unexpected EOF"},
		{record("STATUS : ONLINE\n"), nil, "unexpected EOF"},
		{"HTTP/1.1 400 Bad Request\r\n", nil, "no apcupsd"},
		{strings.Repeat(record("A : b"), maxRecords+1), nil, "no apcupsd"},
	} {
		got, err := status(t.Context(), scripted(t, tt.text))
		if !maps.Equal(got, tt.want) || tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%.60q: %v, %v", tt.text, got, err)
		}
	}
}

// TestSilence: a server that takes the connection and says nothing, or a byte
// now and then.
func TestSilence(t *testing.T) {
	for _, drop := range []string{"", "\x00"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
				if _, err := io.WriteString(conn, drop); err != nil || drop == "" {
					tick.Stop()
					_, _ = io.Copy(io.Discard, conn)
					return
				}
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := status(ctx, l.Addr().String()); !errors.Is(err, context.DeadlineExceeded) && drop == "" || err == nil || time.Since(began) > 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	}
}

func TestNobody(t *testing.T) {
	open, err := Driver.Bind([]drivers.Setting{{Name: "port", Value: "127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t.Context(), drivers.Env{}); !errors.As(err, new(*net.OpError)) {
		t.Errorf("got %v", err)
	}
}

func TestAddress(t *testing.T) {
	for port, want := range map[string]string{
		"host": "host:3551", "host:99": "host:99", "host:": "host:3551", "127.0.0.1": "127.0.0.1:3551", "::1": "[::1]:3551", "[::1]:7": "[::1]:7",
	} {
		c := Config{Port: port}
		if got := c.address(); got != want {
			t.Errorf("%s: %s, want %s", port, got, want)
		}
	}
}

func TestValues(t *testing.T) {
	for _, tt := range []struct {
		v    variable
		text string
		want string
		ok   bool
	}{
		{variable{Number: true, Digits: 1}, "27.34 Volts", "27.3", true},
		{variable{Number: true, Times: 60, Digits: 1}, "22.0 Minutes", "1320.0", true},
		{variable{Number: true}, "-1 Percent", "-1", true},
		{variable{Number: true}, "N/A", "", false},
		{variable{Number: true}, "", "", false},
		{variable{Number: true}, "0x10 Volts", "", false},
		{variable{Max: 4}, "Back-UPS", "Back", true},
		{variable{Max: 4}, "", "", false},
		{variable{Max: 9}, "a\x01", "", false},
		{variable{Max: 16, Part: "date"}, "2026-11-28 01:02:03 +0000", "2026-11-28", true},
		{variable{Max: 16, Part: "time"}, "2026-11-28  01:02:03 +0000", "01:02:03", true},
		{variable{Max: 16, Part: "time"}, "2026-11-28", "", false},
		{variable{Max: 16, Part: "firmware"}, "843.K2 .D / USB FW:K2", "843.K2 .D", true},
		{variable{Max: 16, Part: "aux"}, "843.K2 .D / USB FW:K2", "USB FW:K2", true},
	} {
		got, ok := tt.v.value(tt.text)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%+v of %q: %q, %v", tt.v, tt.text, got, ok)
		}
	}
}

// TestStale: what apcupsd says while it has lost its UPS is not taken for facts,
// and keys that it says no more go.
func TestStale(t *testing.T) {
	k, err := known()
	if err != nil {
		t.Fatal(err)
	}
	var draft nut.Draft
	d := &device{known: k}
	for _, tt := range []struct {
		lines                     []string
		err                       error
		status, load, charge, mod string
	}{
		{[]string{"STATUS : ONLINE", "LOADPCT : 7.0 Percent", "BCHARGE : 50.0"}, nil, "OL", "7.0", "50.0", "Unknown UPS"},
		{[]string{"STATUS : COMMLOST ", "LOADPCT : 9.0 Percent"}, drivers.ErrStale, "OL", "7.0", "50.0", "Unknown UPS"},
		{[]string{"STATUS : ONBATT LOWBATT SLAVE", "MODEL : X"}, nil, "OB LB", "", "50.0", "X"},
		{[]string{"STATUS : SHUTTING DOWN"}, nil, "OB LB", "", "50.0", "X"},
		{[]string{"STATUS : ONBATT SHUTTING DOWN"}, nil, "OB LB", "", "50.0", "X"},
		{[]string{"STATUS : TRIM ONLINE BOOST REPLACEBATT NOBATT OVERLOAD CAL"}, nil, "TRIM OL BOOST RB BYPASS OVER CAL", "", "50.0", "X"},
		{[]string{"STATUS : NETWORK ERROR"}, drivers.ErrStale, "TRIM OL BOOST RB BYPASS OVER CAL", "", "50.0", "X"},
		{[]string{"STATUS : SELFTEST"}, nil, "OB", "", "50.0", "X"},
		{[]string{"STATUS : WHATEVER"}, drivers.ErrStale, "OB", "", "50.0", "X"},
		{[]string{"MODEL : Y"}, drivers.ErrStale, "OB", "", "50.0", "X"},
	} {
		d.address = scripted(t, answer(tt.lines...))
		if err := d.Read(t.Context(), &draft); !errors.Is(err, tt.err) || tt.err == nil && err != nil {
			t.Errorf("%q: %v", tt.lines, err)
		}
		got := fmt.Sprint(draft.Value("ups.status"), "|", draft.Value("ups.load"), "|", draft.Value("battery.charge"), "|", draft.Value("ups.model"))
		if want := fmt.Sprint(tt.status, "|", tt.load, "|", tt.charge, "|", tt.mod); got != want {
			t.Errorf("%q: %s, want %s", tt.lines, got, want)
		}
	}
}

type replay struct {
	io.Reader
	io.Writer
}

func FuzzAsk(f *testing.F) {
	f.Add([]byte(answer("STATUS   : ONLINE ", "DATE : a b c", "FIRMWARE : a / b", "TIMELEFT : 1e9")))
	f.Add([]byte("\xff\xff"))
	k, err := known()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := ask(replay{bytes.NewReader(data), io.Discard})
		if err == nil && len(facts) == 0 {
			t.Error("neither facts nor an error")
		}
		for key, text := range facts {
			_, _ = k.status(text)
			for _, v := range k.Variables {
				if value, ok := v.value(text); ok && !v.Number && len(value) > v.Max {
					t.Errorf("%s %q: %q is too long", key, text, value)
				}
			}
		}
	})
}
