//go:build linux

package main

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/usbip/emulate"
)

func TestOrders(t *testing.T) {
	d, err := emulate.New("apc", "")
	if err != nil {
		t.Fatal(err)
	}
	plugged := 0
	b := &bench{device: d, plug: func(context.Context) (func() error, error) {
		plugged++
		return func() error { plugged--; return nil }, nil
	}}
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.serve(l) }()
	for _, tt := range []struct{ order, want, fails string }{
		{order: "plug"},
		{order: "replug"},
		{order: "mains off"},
		{order: "step 10"},
		{order: "break silent"},
		{order: "break well"},
		{order: "count", want: "0 transfers 0 bytes\n"},
		{order: "break what", fails: "no fault what"},
		{order: "step x", fails: "invalid"},
		{order: "dance", fails: "no order dance"},
		{order: "unplug"},
	} {
		var out strings.Builder
		err := run(append([]string{socket, "tell"}, strings.Fields(tt.order)...), &out)
		if out.String() != tt.want || (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%s: %q, %v", tt.order, out.String(), err)
		}
	}
	l.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) || plugged != 0 {
		t.Errorf("ended by %v, %d plugged in", err, plugged)
	}
	if err := run([]string{"x"}, nil); err == nil {
		t.Error("too few words: no error")
	}
	if err := run([]string{socket, "uhid", "none"}, nil); err == nil {
		t.Error("no such kind: no error")
	}
}
