package nis

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/live"
	"github.com/wattnut/wattnut/drivers/simulator/model"
)

func serve(t *testing.T) (*live.UPS, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := live.New(model.New(model.Spec{
		Power: 1500, RealPower: 980, Ambient: 24,
		Battery: model.Battery{Capacity: 216, Voltage: 24, Health: 0.5, Charge: 1, Charger: 160},
		Mains:   model.Mains{Voltage: 230, Frequency: 50}, Load: model.Load{Level: 0.5},
	}), 0)
	done := make(chan error, 1)
	go func() { done <- (&Server{Do: u.Do, Name: "desk"}).Serve(t.Context(), l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() {
		conn.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return u, conn
}

func ask(t *testing.T, conn net.Conn, request string) string {
	t.Helper()
	b := binary.BigEndian.AppendUint16(nil, uint16(len(request)))
	if _, err := conn.Write(append(b, request...)); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			t.Fatal(err)
		}
		n := binary.BigEndian.Uint16(length[:])
		if n == 0 {
			return all.String()
		}
		if _, err := io.CopyN(&all, conn, int64(n)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestServe(t *testing.T) {
	u, conn := serve(t)
	got := ask(t, conn, "status")
	for _, want := range []string{"UPSNAME  : desk\n", "STATUS   : ONLINE REPLACEBATT \n", "LOADPCT  : 50.0 Percent\n", "NOMPOWER : 980 Watts\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	u.Do(func(m *model.UPS) { m.Wire(model.Unplugged); m.Step(time.Second) })
	if got := ask(t, conn, "status"); !strings.Contains(got, "STATUS   : ONBATT REPLACEBATT \n") {
		t.Errorf("on battery: %s", got)
	}
	if got := ask(t, conn, "events"); got != "" {
		t.Errorf("events: %s", got)
	}
	if got := ask(t, conn, "shutdown"); got != "Invalid command\n" {
		t.Errorf("an unknown request: %s", got)
	}
}

func TestLongRequest(t *testing.T) {
	_, conn := serve(t)
	if _, err := conn.Write([]byte("\xff\xffstatus")); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
}
