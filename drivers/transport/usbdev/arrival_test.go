package usbdev

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestSearch(t *testing.T) {
	everybody := func(Info) bool { return true }
	two := func() ([]Info, error) { return []Info{{Serial: "a"}, {Serial: "b"}}, nil }
	opens := func(serials ...string) func(Info) (string, error) {
		return func(i Info) (string, error) {
			if strings.Contains(strings.Join(serials, ""), i.Serial) {
				return i.Serial, nil
			}
			return "", errors.Join(ErrBusy, errors.New(i.Serial))
		}
	}
	for _, tt := range []struct {
		name string
		list func() ([]Info, error)
		open func(Info) (string, error)
		want string
		err  error
		says string
	}{
		{"the first", two, opens("a", "b"), "a", nil, ""},
		{"the first is busy", two, opens("b"), "b", nil, ""},
		{"all are busy", two, opens(), "", ErrBusy, "a"},
		{"there is none", func() ([]Info, error) { return nil, nil }, opens(), "", ErrGone, "plugged in"},
		{"no list", func() ([]Info, error) { return nil, ErrUnsupported }, opens(), "", ErrUnsupported, ""},
	} {
		got, err := Search("test", "hidraw", tt.list, everybody, tt.open)
		if got != tt.want || !errors.Is(err, tt.err) || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
		if e, ok := errors.AsType[interface {
			error
			Again() <-chan struct{}
		}](err); err != nil && (!ok || runtime.GOOS == "linux" && e.Again() == nil) {
			t.Errorf("%s: nobody is told when to try again", tt.name)
		}
	}
}

func TestDecodeString(t *testing.T) {
	for _, tt := range []struct {
		descriptor, want string
		ok               bool
	}{
		{"\x08\x03A\x00P\x00C\x00", "APC", true},
		{"\x08\x03A\x00P\x00C\x00X\x00", "APC", true},  // more than its length
		{"\xff\x03A\x00P\x00", "AP", true},             // less
		{"\x0a\x03A\x00\x00\x00C\x00 \x00", "A", true}, // ended by NUL
		{"\x06\x03\xe9\x00\xac\x20", "é€", true},       // not only ASCII
		{"\x05\x03A\x00P", "A", true},                  // half a character
		{"\x00\x03A\x00", "", true},
		{"\x02\x03", "", true}, // nothing
		{"", "", false},
		{"\x02", "", false},
		{"\x04\x02A\x00", "", false}, // none
	} {
		if got, err := DecodeString([]byte(tt.descriptor)); got != tt.want || (err == nil) != tt.ok {
			t.Errorf("% x: %q, %v", tt.descriptor, got, err)
		}
	}
}

func FuzzDecodeString(f *testing.F) {
	f.Add([]byte("\x08\x03A\x00P\x00C\x00"))
	f.Fuzz(func(_ *testing.T, descriptor []byte) { _, _ = DecodeString(descriptor) })
}
