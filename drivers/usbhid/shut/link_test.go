package shut

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
	"github.com/wattnut/wattnut/nut"
)

func TestFrames(t *testing.T) {
	request := setup{usbdev.FromDevice, usbdev.GetDescriptor, deviceDescriptor, 0, deviceLength}
	for _, tt := range []struct {
		data []byte
		kind byte
		want string
	}{
		{request.bytes(), kindRequest, "8188 8006000100001200 95"}, // as NUT's sends it
		{[]byte{1}, kindResponse, "8411 01 01"},
		{[]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, kindRequest, "0188 0102030405060708 08 8111 09 09"},
	} {
		var got []byte
		for _, f := range frames(tt.kind, tt.data) {
			got = append(got, f.bytes()...)
		}
		if want := strings.ReplaceAll(tt.want, " ", ""); hex.EncodeToString(got) != want {
			t.Errorf("%x: %x, want %s", tt.data, got, want)
		}
	}
	for _, length := range []byte{0x00, 0x12, 0x21, 0x99, 0xff, 0x80} {
		if _, _, err := header(kindResponse, length); err == nil {
			t.Errorf("a length of %#x is good", length)
		}
	}
}

// far is the end of a line at which a test plays the UPS.
type far struct {
	t *testing.T
	net.Conn
}

func pair(t *testing.T) (*Port, far) {
	t.Helper()
	near, end := net.Pipe()
	p := &Port{link: link{serial.New(near)}}
	t.Cleanup(func() { p.Close(); end.Close() })
	return p, far{t, end}
}

// play expects and sends, in turn: < is what has to come, > what is sent.
func (f far) play(script ...string) {
	for _, step := range script {
		b, err := hex.DecodeString(strings.ReplaceAll(step[1:], " ", ""))
		if err != nil {
			f.t.Error(err)
			return
		}
		if step[0] == '>' {
			if _, err := f.Write(b); err != nil {
				f.t.Errorf("%s: %v", step, err)
			}
			continue
		}
		got := make([]byte, len(b))
		if _, err := io.ReadFull(f, got); err != nil || !bytes.Equal(got, b) {
			f.t.Errorf("%x came, want %s (%v)", got, step, err)
			return
		}
	}
}

const getReport6 = "<8188 a101060300000300 a6"

func TestGetReport(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		want   string
		err    error
	}{
		{"good", []string{getReport6, ">06", ">8433 064030 76", "<06"}, "064030", nil},
		{"in two frames", []string{getReport6, ">06", ">0422 0640 46", "<06", ">8411 30 30", "<06"}, "064030", nil},
		{"wanted again", []string{getReport6, ">15", getReport6, ">06", ">8433 064030 76", "<06"}, "064030", nil},
		{"wrong checksum", []string{getReport6, ">06", ">8433 064030 77", "<15", ">8433 064030 76", "<06"}, "064030", nil},
		{"wrong length", []string{getReport6, ">06", ">8434", "<15", ">8433 064030 76", "<06"}, "064030", nil},
		{"a notification between", []string{getReport6, ">06", ">8522 0101 00", "<06", ">8433 064030 76", "<06"}, "064030", nil},
		{"refused", []string{getReport6, ">15", getReport6, ">15", getReport6, ">15", getReport6, ">15"}, "", usbdev.ErrStall},
		{"no acceptance", []string{getReport6}, "", usbdev.ErrTimeout},
		{"no answer", []string{getReport6, ">06"}, "", usbdev.ErrTimeout},
		{"half an answer", []string{getReport6, ">06", ">8433 06"}, "", usbdev.ErrTimeout},
		{"too long", []string{getReport6, ">06", ">0488 0000000000000000 00", "<06", ">0488 0000000000000000 00", "<06"}, "", errTooLong},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, f := pair(t)
				go f.play(tt.script...)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				buf := make([]byte, 3)
				n, err := p.GetReport(ctx, usbdev.Feature, 6, buf)
				if hex.EncodeToString(buf[:n]) != tt.want || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
					t.Errorf("%x, %v", buf[:n], err)
				}
				synctest.Wait()
			})
		})
	}
}

func TestSetReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, f := pair(t)
		go f.play("<0188 21090c0300000500 22", ">06", "<8155 0c14000000 18", ">06")
		if err := p.SetReport(t.Context(), usbdev.Feature, []byte{12, 20, 0, 0, 0}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
}

func TestGreet(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []string
		err    error
	}{
		{"good", []string{"<18", ">18"}, nil},
		{"within something", []string{"<18", ">0430 0000 18"}, nil},
		{"at the second", []string{"<18", "<18", ">18"}, nil},
		{"never", []string{"<18", "<18", "<18", "<18"}, usbdev.ErrTimeout},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, f := pair(t)
				go f.play(tt.script...)
				if err := p.greet(t.Context()); !errors.Is(err, tt.err) || tt.err == nil && err != nil {
					t.Errorf("got %v", err)
				}
				synctest.Wait()
			})
		})
	}
}

// TestBabble: a UPS that never ends a greeting with noise is given up.
func TestBabble(t *testing.T) {
	p, f := pair(t)
	go func() {
		_, _ = f.Read(make([]byte, 1))
		for {
			if _, err := f.Write([]byte{0x55}); err != nil {
				return
			}
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := p.greet(ctx); !errors.Is(err, usbdev.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

// mute drops what the UPS says while it is on.
type mute struct {
	io.ReadWriteCloser
	on atomic.Bool
}

func (m *mute) Write(b []byte) (int, error) {
	if m.on.Load() {
		return len(b), nil
	}
	return m.ReadWriteCloser.Write(b)
}

// TestSilence: a UPS that says nothing any more is lost, and found again.
func TestSilence(t *testing.T) {
	var m *mute
	u := simulate(t, func(line io.ReadWriteCloser) io.ReadWriteCloser {
		m = &mute{ReadWriteCloser: line}
		return m
	})
	open := func() (drivers.Device, error) {
		opener, err := Driver.Bind([]drivers.Setting{{Name: "port", Value: u.port}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return opener(ctx, drivers.Env{UPS: "ups", ConfDir: t.TempDir(), Log: discard})
	}
	d, err := open()
	if err != nil {
		t.Fatal(err)
	}
	var draft nut.Draft
	if err := d.Read(t.Context(), &draft); err != nil {
		t.Fatal(err)
	}
	m.on.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for err = nil; err == nil && ctx.Err() == nil; {
		err = d.Read(ctx, &draft)
	}
	if err == nil || ctx.Err() != nil {
		t.Errorf("a silent UPS is read: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if d, err := open(); err == nil || !strings.Contains(err.Error(), "no answer to a greeting") {
		t.Errorf("a silent UPS is opened: %v, %v", d, err)
	}
	m.on.Store(false)
	if d, err = open(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Read(t.Context(), new(nut.Draft)), d.Close()); err != nil {
		t.Error(err)
	}
}

func TestScan(t *testing.T) {
	u := simulate(t, nil)
	mute, empty, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	var all []drivers.Found
	where := drivers.Search{Ports: []string{empty, u.port, u.port + ".none"}, Timeout: time.Second}
	if err := Driver.Scanners[0].Scan(t.Context(), where, func(f drivers.Found) { all = append(all, f) }); err == nil {
		t.Error("a port that is not there is no error")
	}
	if len(all) != 1 || all[0].Driver != "mge-shut" || all[0].Settings[0].Value != u.port || all[0].Hints[1].Value != "Eaton 5P" {
		t.Errorf("found %+v", all)
	}
}

func TestNoPort(t *testing.T) {
	if _, err := Driver.Bind(nil); err == nil || !strings.Contains(err.Error(), "port: is missing") {
		t.Errorf("got %v", err)
	}
}

// FuzzReceive: whatever comes is bounded, and no more than was asked for.
func FuzzReceive(f *testing.F) {
	f.Add([]byte("\x84\x33\x06\x40\x30\x76"))
	f.Add([]byte("\x04\x22\x06\x40\x46\x84\x11\x30\x30"))
	f.Add([]byte("\x85\x22\x01\x01\x00\x84\x34"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := link{serial.New(&replay{Reader: bytes.NewReader(data)})}
		defer l.port.Close()
		got, err := l.receive(t.Context(), 20)
		if len(got) > 20 || err == nil && len(got) == 0 {
			t.Errorf("%x, %v", got, err)
		}
	})
}

// replay is a line that says what it has to say, and takes everything.
type replay struct{ io.Reader }

func (*replay) Write(b []byte) (int, error) { return len(b), nil }
func (*replay) Close() error                { return nil }
