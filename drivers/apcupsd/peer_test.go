package apcupsd

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/drivers/simulator/live"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/simulator/nis"
	"github.com/wattnut/wattnut/drivers/simulator/smart"
	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/internal/nutdriver"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// quiet is a UPS that says the same all the time.
func quiet() *live.UPS {
	return live.New(model.New(model.Spec{
		Power: 1500, RealPower: 980, Ambient: 24,
		Battery: model.Battery{Capacity: 216, Voltage: 24, Health: 1, Charge: 1, Charger: 160},
		Mains:   model.Mains{Voltage: 230, Frequency: 50}, Load: model.Load{Level: 0.5},
	}), 0)
}

func unplug(m *model.UPS) {
	m.Wire(model.Unplugged)
	m.Step(1e9)
}

// serve has our own NIS server run until the test ends.
func serve(t *testing.T, u *live.UPS) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- (&nis.Server{Do: u.Do}).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// site has the distribution's apcupsd read a simulated Smart-UPS until the test
// ends, and returns where it answers. Its scripts do nothing, and it never finds
// a reason to call them for a shutdown.
func site(t *testing.T, u *live.UPS) string {
	t.Helper()
	program, env := testenv.Unpacked(t, "sbin/apcupsd")
	far, near, err := serial.Far()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- smart.New(u.Do, smart.Identity{}).Serve(ctx, far) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	dir, port := t.TempDir(), nuttest.FreePort(t)
	conf := fmt.Sprintf("## apcupsd.conf v1.1 ##\nUPSCABLE smart\nUPSTYPE apcsmart\nDEVICE %s\n"+
		"LOCKFILE %[2]s\nSCRIPTDIR %[2]s\nPWRFAILDIR %[2]s\nNOLOGINDIR %[2]s\nEVENTSFILE %[2]s/events\n"+
		"POLLTIME 1\nONBATTERYDELAY 1\nBATTERYLEVEL -1\nMINUTES -1\nTIMEOUT 0\nANNOY 0\nSTATTIME 0\n"+
		"NETSERVER on\nNISIP 127.0.0.1\nNISPORT %[3]s\nUPSCLASS standalone\nUPSMODE disable\n", near, dir, port)
	for name, text := range map[string]string{"apcupsd.conf": conf, "apccontrol": "#!/bin/sh\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), program, "-b", "-f", filepath.Join(dir, "apcupsd.conf"), "-P", filepath.Join(dir, "pid"))
	cmd.Env, cmd.Stdout, cmd.Stderr = env, t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	address := "127.0.0.1:" + port
	nuttest.Await(t, func() error {
		facts, err := status(t.Context(), address)
		if err == nil && (facts["STATUS"] != "ONLINE" || facts["FIRMWARE"] == "" || facts["LASTXFER"] == "") {
			err = fmt.Errorf("it is not done with its UPS: %v", facts)
		}
		return err
	})
	return address
}

// clocks are what may differ because the two are asked one after the other.
func clocks(differences map[nut.Name]string) map[nut.Name]string {
	delete(differences, "ups.time")
	delete(differences, "ups.date")
	return differences
}

// TestBesideNUT: the distribution's apcupsd-ups and ours say the same of one
// apcupsd, the real one and the simulated one, before and after the mains fails.
func TestBesideNUT(t *testing.T) {
	for name, begin := range map[string]func(*testing.T, *live.UPS) string{"apcupsd": site, "simulated": serve} {
		t.Run(name, func(t *testing.T) {
			u := quiet()
			address := begin(t, u)
			theirs := nutdriver.Theirs(t, "apcupsd-ups", "port", address)
			ours := nutdriver.Ours(t, Driver, "port", address)
			differences := clocks(nutdriver.Differences(ours.Facts(), theirs.Facts()))
			for name, text := range differences {
				// What the one has for writable is no news, see the page.
				if a, b, _ := strings.Cut(text, " | "); a == strings.SplitN(b, " RW", 2)[0] {
					delete(differences, name)
				}
			}
			nutdriver.Check(t, "differences-serial.md", "apcupsd-ups ("+name+")", differences)
			u.Do(unplug)
			out := func(s *nut.Snapshot) bool { return s.Status().Has("OB") }
			a, b := ours.Await("on battery", out), theirs.Await("on battery", out)
			if a.Value("ups.status") != b.Value("ups.status") {
				t.Errorf("on battery: %s, and NUT's says %s", a.Value("ups.status"), b.Value("ups.status"))
			}
		})
	}
}

// TestStatusBesideNUT: the words of STATUS mean the same to both.
func TestStatusBesideNUT(t *testing.T) {
	for _, text := range []string{
		"ONLINE", "ONBATT", "ONBATT LOWBATT", "ONLINE REPLACEBATT", "TRIM ONLINE", "BOOST ONLINE", "CAL ONLINE OVERLOAD",
		"ONLINE NOBATT", "ONLINE SLAVE",
	} {
		address := scripted(t, answer("STATUS   : "+text+" ", "MODEL    : X"))
		theirs := nutdriver.Theirs(t, "apcupsd-ups", "port", address)
		a, b := nutdriver.Ours(t, Driver, "port", address).Facts().Value("ups.status"), theirs.Facts().Value("ups.status")
		if a != b {
			t.Errorf("STATUS %s is %s, and %s for NUT's", text, a, b)
		}
		theirs.End()
	}
}

func TestSuite(t *testing.T) {
	address := scripted(t, answer("STATUS : ONLINE", "LOADPCT : 7.0", "DATE : 2026-11-28 01:02:03 +0000"))
	drivertest.Suite(t, drivertest.Config{Driver: Driver, Settings: []drivers.Setting{{Name: "port", Value: address}}})
}
