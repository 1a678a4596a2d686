// Package snmp is UPSes, PDUs and transfer switches that speak SNMP. What a
// vendor's objects mean is in tables, one file for each MIB; this package finds
// the table of a device, applies it, and asks for as much in one packet as the
// device bears.
package snmp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/drivers"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

// Config is what ups.conf says about an SNMP device. The names are NUT's, but
// for traps and record.
type Config struct {
	Port      string        `conf:"port,required" help:"the agent: host[:port], with udp6:, tcp: or tcp6: before it if need be"`
	MIBs      string        `conf:"mibs" help:"name of the MIB, such as apcc or ietf; auto: find out"`
	Community string        `conf:"community,secret" help:"community, of SNMP v1 and v2c"`
	Version   string        `conf:"snmp_version" help:"v1, v2c or v3"`
	PollFreq  time.Duration `conf:"pollfreq" help:"time between two readings of everything, in seconds; the state is read at each pollinterval"`
	Seldom    int           `conf:"semistaticfreq" help:"every how many readings what rarely changes is read as well"`
	Retries   int           `conf:"snmp_retries" help:"how often a question is repeated"`
	Timeout   time.Duration `conf:"snmp_timeout" help:"longest wait for an answer, in seconds"`

	NoTransfer bool `conf:"notransferoids" help:"leave input.transfer.low and .high out"`
	Symmetra   bool `conf:"symmetrathreephase" help:"input.transfer.low and .high are between phases: show them to neutral"`

	Level        string `conf:"secLevel" help:"of v3: noAuthNoPriv, authNoPriv or authPriv"`
	User         string `conf:"secName" help:"user of v3"`
	AuthPassword string `conf:"authPassword,secret" help:"password for authentication of v3"`
	PrivPassword string `conf:"privPassword,secret" help:"password for encryption of v3"`
	AuthProtocol string `conf:"authProtocol" help:"MD5, SHA, SHA224, SHA256, SHA384 or SHA512"`
	PrivProtocol string `conf:"privProtocol" help:"DES, AES, AES192, AES256, AES192C or AES256C"`

	OnDelay  string `conf:"ondelay" help:"what to set ups.delay.start to when contact is made, in seconds"`
	OffDelay string `conf:"offdelay" help:"what to set ups.delay.shutdown to when contact is made, in seconds"`

	Traps  string `conf:"traps" help:"[address]:port to hear traps on, such as :162; one from the agent makes it be read at once"`
	Record string `conf:"record" help:"file to write to what the agent says, as snmprec, when contact ends"`
}

// Driver is the family of SNMP devices.
var Driver = define(new(hub))

// defaults are NUT's.
var defaults = Config{
	MIBs: mibsAuto, Community: "public", Version: "v1", PollFreq: 30 * time.Second, Seldom: 10, Retries: 5, Timeout: time.Second,
	Level: "noAuthNoPriv", AuthProtocol: "MD5", PrivProtocol: "DES",
}

func define(traps *hub) drivers.Driver {
	d := drivers.Define("snmp-ups", "1.0", "UPSes, PDUs and transfer switches by SNMP", defaults,
		func(ctx context.Context, env drivers.Env, c Config) (drivers.Device, error) {
			return open(ctx, env, c, traps)
		})
	d.Scanners = []drivers.Scanner{{Bus: drivers.BusSNMP, Scan: scan}}
	return d
}

// Check is called by Bind.
func (c *Config) Check() error {
	var errs []error
	wrong := func(name, reason string) {
		errs = append(errs, &drivers.SettingError{Name: name, Reason: reason})
	}
	for _, err := range flatten(c.session().Check()) {
		if field, ok := errors.AsType[*transport.FieldError](err); ok {
			wrong(field.Setting, field.Reason)
		}
	}
	if c.Timeout <= 0 {
		wrong("snmp_timeout", "is no time at all")
	}
	if c.Seldom < 1 {
		wrong("semistaticfreq", "is not at least 1")
	}
	for name, value := range map[string]string{"ondelay": c.OnDelay, "offdelay": c.OffDelay} {
		if value != "" && !isWhole(value) {
			wrong(name, value+" is no number of seconds")
		}
	}
	if c.Traps != "" {
		if _, err := parseListen(c.Traps); err != nil {
			wrong("traps", err.Error())
		}
	}
	return errors.Join(errs...)
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

func (c *Config) session() transport.Config {
	return transport.Config{
		Address: c.Port, Version: c.Version, Community: c.Community, Timeout: c.Timeout, Retries: c.Retries,
		Security: transport.Security{
			Level: c.Level, Name: c.User, AuthProtocol: c.AuthProtocol, AuthPassword: c.AuthPassword,
			PrivProtocol: c.PrivProtocol, PrivPassword: c.PrivPassword,
		},
	}
}

// open finds out what the device is. Its facts come with the first Read.
func open(ctx context.Context, env drivers.Env, c Config, traps *hub) (drivers.Device, error) {
	tables, err := openLibrary(env.ConfDir)
	if err != nil { // a device of another table is not to suffer for it
		env.Log.Warn("SNMP tables left out", "error", err)
	}
	session, err := transport.Open(ctx, c.session())
	if err != nil {
		return nil, err
	}
	var a agent = session
	if c.Record != "" {
		a = &recorder{Recorder: &transport.Recorder{Session: session}, path: within(env.ConfDir, c.Record)}
	}
	u := &device{agent: a, config: c, log: env.Log}
	if err := u.identify(ctx, tables); err != nil {
		return nil, errors.Join(explain(err, c), a.Close())
	}
	if c.Traps != "" {
		if u.trap, err = traps.join(c.Traps, session.Peer()); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return u, nil
}

// explain says what a silence may come from.
func explain(err error, c Config) error {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%s: nobody listens there; perhaps SNMP is switched off in the card: %w", c.Port, err)
	}
	if !errors.Is(err, transport.ErrSilent) {
		return fmt.Errorf("%s: %w", c.Port, err)
	}
	hint := "or its community is another"
	if c.Version == "v3" {
		hint = "or it knows no such user"
	}
	return fmt.Errorf("%s: %w; perhaps it is not there, does not speak SNMP %s to this host, %s", c.Port, err, c.Version, hint)
}

func within(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// recorder writes down what the agent said when contact ends.
type recorder struct {
	*transport.Recorder
	path string
}

// Close ends the session and writes the file.
func (r *recorder) Close() error {
	err := r.Recorder.Close()
	const mode fs.FileMode = 0o640
	file, failed := os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if failed != nil {
		return errors.Join(err, failed)
	}
	_, failed = r.Said.WriteTo(file)
	return errors.Join(err, failed, file.Close())
}
