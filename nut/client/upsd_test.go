package client_test

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

const (
	devFile = `ups.model: "Economy \"1600\" \\ \# rev"
battery.charge: 100
ups.id: x
ups.status: OL
`
	users = `[admin]
	password = "pass \"word\" \\ \#1="
	actions = SET
	actions = FSD
	instcmds = ALL
[mon]
	password = m
	upsmon primary
`
	password = `pass "word" \ #1=`
)

func dial(t *testing.T, address string) *client.Client {
	t.Helper()
	c, err := client.Dial(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestAgainstUPSD(t *testing.T) {
	directives, roots := nuttest.CertDB(t)
	u := nuttest.StartUPSD(t, nuttest.Config{
		Devices: []nuttest.Device{
			{Name: "dummy", Desc: "The first", Dev: devFile},
			{Name: "silent"},
		},
		Users: users, Directives: directives,
	})
	t.Run("reads", func(t *testing.T) { testReads(t, dial(t, u.Addr)) })
	t.Run("errors", func(t *testing.T) { testErrors(t, dial(t, u.Addr)) })
	t.Run("TLS", func(t *testing.T) {
		c := dial(t, u.Addr)
		if err := c.StartTLS(t.Context(), &tls.Config{RootCAs: roots}); err != nil {
			t.Fatal(err)
		}
		testReads(t, c)
		if err := c.StartTLS(t.Context(), nil); !errors.Is(err, nut.ErrAlreadySSLMode) {
			t.Errorf("a second time: %v", err)
		}
	})
	t.Run("TLS of a stranger", func(t *testing.T) {
		c := dial(t, u.Addr)
		if err := c.StartTLS(t.Context(), nil); err == nil || c.Secure() {
			t.Error("the certificate was not verified")
		}
		if _, err := c.ListUPS(t.Context()); !errors.Is(err, client.ErrUnusable) {
			t.Errorf("and then: %v", err)
		}
	})
	t.Run("orders", func(t *testing.T) { testOrders(t, dial(t, u.Addr)) })
	t.Run("session", func(t *testing.T) { testSession(t, dial(t, u.Addr), dial(t, u.Addr)) })
}

func testReads(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	if got, err := c.ListUPS(ctx); err != nil || !slices.Equal(got, []client.UPS{
		{Name: "dummy", Description: "The first"}, {Name: "silent", Description: "Description unavailable"},
	}) {
		t.Errorf("UPSes %q, %v", got, err)
	}
	vars, err := c.ListVar(ctx, "dummy")
	if err != nil || !slices.Contains(vars, client.Var{Name: "ups.model", Value: `Economy "1600" \ # rev`}) {
		t.Errorf("variables %q, %v", vars, err)
	}
	if rw, err := c.ListRW(ctx, "dummy"); err != nil || len(rw) < 4 {
		t.Errorf("settable variables %q, %v", rw, err)
	}
	if cmds, err := c.ListCmd(ctx, "dummy"); err != nil || !slices.Contains(cmds, "load.off") {
		t.Errorf("commands %q, %v", cmds, err)
	}
	if got, err := c.ListEnum(ctx, "dummy", "ups.status"); err != nil || len(got) != 0 {
		t.Errorf("values %q, %v", got, err)
	}
	if got, err := c.ListRange(ctx, "dummy", "ups.status"); err != nil || len(got) != 0 {
		t.Errorf("ranges %q, %v", got, err)
	}
	if got, err := c.ListClient(ctx, "dummy"); err != nil || len(got) != 0 {
		t.Errorf("clients %q, %v", got, err)
	}
	if got, err := c.GetType(ctx, "dummy", "ups.status"); err != nil || !got.Writable || !got.Text {
		t.Errorf("type %+v, %v", got, err)
	}
	if n, err := c.NumLogins(ctx, "dummy"); err != nil || n != 0 {
		t.Errorf("logins %d, %v", n, err)
	}
	testTexts(t, c)
}

func testTexts(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	for name, ask := range map[string]func() (string, error){
		"100":                   func() (string, error) { return c.GetVar(ctx, "dummy", "battery.charge") },
		"Battery charge":        func() (string, error) { return c.GetDesc(ctx, "dummy", "battery.charge") },
		"Turn off the load":     func() (string, error) { return c.GetCmdDesc(ctx, "dummy", "load.off") },
		"The first":             func() (string, error) { return c.GetUPSDesc(ctx, "dummy") },
		"1.3":                   func() (string, error) { return c.ProtocolVersion(ctx) },
		"Network UPS Tools ups": func() (string, error) { return c.Version(ctx) },
		"Commands: HELP VER GE": func() (string, error) { return c.Help(ctx) },
	} {
		if got, err := ask(); err != nil || !strings.HasPrefix(got, name) {
			t.Errorf("got %q, want %q: %v", got, name, err)
		}
	}
}

func testErrors(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	ask := func(want nut.Error, ask func() error) {
		t.Helper()
		if err := ask(); !errors.Is(err, want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	ask(nut.ErrUnknownUPS, func() error { _, err := c.ListVar(ctx, "nobody"); return err })
	ask(nut.ErrDriverNotConnected, func() error { _, err := c.ListVar(ctx, "silent"); return err })
	ask(nut.ErrVarNotSupported, func() error { _, err := c.GetVar(ctx, "dummy", "no.such"); return err })
	ask(nut.ErrUsernameRequired, func() error { _, err := c.InstCmd(ctx, "dummy", "load.off"); return err })
	ask(nut.ErrUsernameRequired, func() error { return c.FSD(ctx, "dummy") })
	if err := c.Authenticate(ctx, "admin", "wrong"); err != nil {
		t.Error(err)
	}
	ask(nut.ErrAlreadySetUsername, func() error { return c.Authenticate(ctx, "admin", password) })
	ask(nut.ErrAccessDenied, func() error { _, err := c.InstCmd(ctx, "dummy", "load.off"); return err })
	ask(nut.ErrCmdNotSupported, func() error { _, err := c.InstCmd(ctx, "dummy", "no.such"); return err })
	ask(nut.ErrAccessDenied, func() error { return c.Login(ctx, "dummy") })
	if secure, err := c.TryTLS(ctx, &tls.Config{InsecureSkipVerify: true}); !secure || err != nil {
		t.Errorf("try TLS: %t, %v", secure, err)
	}
}

func testOrders(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	if err := c.Authenticate(ctx, "admin", password); err != nil {
		t.Fatal(err)
	}
	if ticket, err := c.Set(ctx, "dummy", "ups.id", "a b = c"); err != nil || ticket != "" {
		t.Errorf("set: ticket %q, %v", ticket, err)
	}
	if err := c.SetTracking(ctx, true); err != nil {
		t.Fatal(err)
	}
	set, err := c.Set(ctx, "dummy", "battery.charge", "42")
	if err != nil || len(set) != 36 {
		t.Fatalf("set: ticket %q, %v", set, err)
	}
	if err := c.Wait(ctx, set, 10*time.Millisecond); err != nil {
		t.Errorf("set: %v", err)
	}
	if got, err := c.GetVar(ctx, "dummy", "battery.charge"); got != "42" || err != nil {
		t.Errorf("charge %q, %v", got, err)
	}
	command, err := c.InstCmd(ctx, "dummy", "load.off", "10")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(ctx, command, 10*time.Millisecond); !errors.Is(err, nut.ErrUnknown) { // says dummy-ups 2.8.0
		t.Errorf("load.off: %v", err)
	}
	if got, err := c.GetVar(ctx, "dummy", "ups.id"); got != "a b = c" || err != nil {
		t.Errorf("id %q, %v", got, err)
	}
	if _, err := c.Set(ctx, "dummy", "driver.name", "x"); !errors.Is(err, nut.ErrReadonly) {
		t.Errorf("read-only: %v", err)
	}
}

func testSession(t *testing.T, c, other *client.Client) {
	t.Helper()
	ctx := t.Context()
	for _, step := range []func() error{
		func() error { return c.Authenticate(ctx, "mon", "m") },
		func() error { return c.Login(ctx, "dummy") },
		func() error { return c.Primary(ctx, "dummy") },
		func() error { return c.FSD(ctx, "dummy") },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := c.NumLogins(ctx, "dummy"); n != 1 || err != nil {
		t.Errorf("logins: %d, %v", n, err)
	}
	if list, err := other.ListClient(ctx, "dummy"); err != nil || !slices.Equal(list, []string{"127.0.0.1"}) {
		t.Errorf("clients: %q, %v", list, err)
	}
	if status, err := other.GetVar(ctx, "dummy", "ups.status"); status != "FSD OL" || err != nil {
		t.Errorf("status %q, %v", status, err)
	}
	if err := c.Login(ctx, "dummy"); !errors.Is(err, nut.ErrAlreadyLoggedIn) {
		t.Errorf("second login: %v", err)
	}
	if err := c.Logout(ctx); err != nil {
		t.Errorf("logout: %v", err)
	}
	if _, err := c.ListUPS(ctx); !errors.Is(err, client.ErrUnusable) {
		t.Errorf("after logout: %v", err)
	}
}
