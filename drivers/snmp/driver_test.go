package snmp

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/nut"
)

func settings(pairs ...string) []drivers.Setting {
	var all []drivers.Setting
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, drivers.Setting{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

func TestSuite(t *testing.T) {
	for _, name := range []string{"ietf", "apc", "cyberpower", "mge", "huawei"} {
		t.Run(name, func(t *testing.T) {
			a := serve(t, played(t, name).Recording, snmpagent.Config{Write: "private"})
			drivertest.Suite(t, drivertest.Config{
				Driver: Driver,
				Settings: settings("port", a.Addr().String(), "community", "private", "snmp_version", "v2c",
					"snmp_timeout", "0.2", "snmp_retries", "0"),
				Values: map[nut.Name]string{
					"input.transfer.low": "205", "input.transfer.high": "260", "battery.charge.restart": "20", "battery.runtime.low": "300",
					"output.voltage.nominal": "220", "ups.timer.shutdown": "7", "ups.timer.start": "7", "ups.timer.reboot": "7",
					"ups.delay.shutdown": "60", "ups.delay.start": "60", "ups.delay.reboot": "60",
				},
			})
		})
	}
}

// TestSuiteV3 is the same by v3 with the best that there is, and with traps.
func TestSuiteV3(t *testing.T) {
	user := transport.Security{Level: "authPriv", Name: "ups", AuthProtocol: "SHA512", AuthPassword: "authentic", PrivProtocol: "AES256", PrivPassword: "private22"}
	a := serve(t, played(t, "ietf").Recording, snmpagent.Config{User: user})
	drivertest.Suite(t, drivertest.Config{
		Driver: Driver,
		Settings: settings("port", a.Addr().String(), "snmp_version", "v3", "secLevel", "authPriv", "secName", "ups",
			"authProtocol", "SHA512", "authPassword", "authentic", "privProtocol", "AES256", "privPassword", "private22",
			"snmp_timeout", "0.2", "snmp_retries", "0", "traps", freeUDP(t)),
		Values: map[nut.Name]string{"ups.timer.shutdown": "7", "ups.timer.start": "7", "ups.timer.reboot": "7"},
	})
}

func TestBindRefuses(t *testing.T) {
	for _, tt := range []struct{ name, value string }{
		{"port", ""},
		{"port", "host:0"},
		{"snmp_version", "v4"},
		{"snmp_timeout", "0"},
		{"snmp_retries", "-1"},
		{"semistaticfreq", "0"},
		{"ondelay", "soon"},
		{"offdelay", "x"},
		{"traps", "everywhere"},
		{"traps", ":0"},
		{"colour", "red"},
	} {
		_, err := Driver.Bind(append(settings("port", "ups"), settings(tt.name, tt.value)...))
		if setting, ok := errors.AsType[*drivers.SettingError](err); !ok || setting.Name != tt.name {
			t.Errorf("%s = %s brings %v", tt.name, tt.value, err)
		}
	}
	_, err := Driver.Bind(settings("port", "ups", "snmp_version", "v3", "secLevel", "authPriv", "authPassword", "geheim!", "privProtocol", "ROT13"))
	for _, want := range []string{"secName: ", "authPassword: ", "privPassword: ", "privProtocol: "} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("got %v, want something of %s", err, want)
		}
	}
}

// TestSecrets: nothing that fails says a password or a community.
func TestSecrets(t *testing.T) {
	var log strings.Builder
	env := drivers.Env{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	a := serve(t, played(t, "ietf").Recording, snmpagent.Config{Community: "other"})
	for _, more := range [][]drivers.Setting{
		settings("community", "geheim-1"),
		settings("snmp_version", "v3", "secName", "u", "secLevel", "authPriv", "authPassword", "geheim-22", "privPassword", "geheim-33"),
	} {
		open, err := Driver.Bind(append(settings("port", a.Addr().String(), "snmp_timeout", "0.05", "snmp_retries", "1"), more...))
		if err != nil {
			t.Fatal(err)
		}
		_, err = open(t.Context(), env)
		if !errors.Is(err, transport.ErrSilent) || strings.Contains(err.Error()+log.String(), "geheim") {
			t.Errorf("got %v, logged %s", err, log.String())
		}
		if !strings.Contains(err.Error(), a.Addr().String()) {
			t.Errorf("%v does not say who is silent", err)
		}
	}
}

// TestOpenInTime: silence ends with the context.
func TestOpenInTime(t *testing.T) {
	a := serve(t, played(t, "ietf").Recording, snmpagent.Config{Answer: func([]byte) []byte { return nil }})
	open, err := Driver.Bind(settings("port", a.Addr().String(), "snmp_timeout", "30"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := open(ctx, testEnv()); err == nil || time.Since(began) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

// TestNobody: an address where nobody is brings an error that says so.
func TestNobody(t *testing.T) {
	open, err := Driver.Bind(settings("port", freeUDP(t), "snmp_timeout", "0.2", "snmp_retries", "1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t.Context(), testEnv()); err == nil || !strings.Contains(err.Error(), "nobody listens there") {
		t.Errorf("got %v", err)
	}
}

// TestRecord writes what the agent said, which can be played again.
func TestRecord(t *testing.T) {
	dir := t.TempDir()
	a := serve(t, played(t, "apc").Recording, snmpagent.Config{})
	open, err := Driver.Bind(settings("port", a.Addr().String(), "snmp_version", "v2c", "record", "apc.snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := open(t.Context(), drivers.Env{ConfDir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var draft, again nut.Draft
	if err := errors.Join(d.Read(t.Context(), &draft), d.Close()); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, "apc.snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := transport.ReadRecording(file)
	if err != nil {
		t.Fatal(err)
	}
	read(t, opened(t, &transport.Playback{Recording: r}, Config{}), &again)
	for _, name := range draft.Names() {
		if draft.Value(name) != again.Value(name) {
			t.Errorf("%s is %q, played again %q", name, draft.Value(name), again.Value(name))
		}
	}
}
