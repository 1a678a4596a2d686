// Package upsclient is a UPS of another upsd as a device: its variables with
// their attributes, its commands, and the way back for orders. It is what NUT
// calls the repeater mode of dummy-ups.
package upsclient

import (
	"context"
	"errors"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/client"
)

// Config is what ups.conf says about a UPS of another server.
type Config struct {
	Port     string        `conf:"port,required" help:"ups@host[:port], the UPS and its server"`
	Mode     string        `conf:"mode" help:"repeater, or nothing"`
	User     string        `conf:"user" help:"user of that server, to pass orders on"`
	Password string        `conf:"password,secret" help:"password of that user"`
	TLS      string        `conf:"tls" help:"no, yes, or try: where the server does it"`
	Verify   string        `conf:"verify" help:"whether the server's certificate has to be a good one, yes or no; not given: with tls = yes only"`
	CAFile   string        `conf:"cafile" help:"certificates to trust, in PEM, in place of the system's"`
	CertFile string        `conf:"certfile" help:"certificate to show to the server, in PEM"`
	KeyFile  string        `conf:"keyfile" help:"private key of certfile, in PEM"`
	Timeout  time.Duration `conf:"timeout" help:"longest wait for an answer, in seconds"`
	Lenient  bool          `conf:"repeater_disable_strict_start" help:"not used: a server that cannot be reached is always tried again"`
}

// Driver is the family of UPSes of other servers.
var Driver = drivers.Define("upsclient", "1.0", "a UPS of another upsd",
	Config{TLS: tlsTry, Timeout: 5 * time.Second}, open)

const (
	tlsNo  = "no"
	tlsTry = "try"
	tlsYes = "yes"
)

// Check is called by Bind.
func (c *Config) Check() error {
	var errs []error
	wrong := func(name, reason string) { errs = append(errs, &drivers.SettingError{Name: name, Reason: reason}) }
	if _, err := client.ParseTarget(c.Port); err != nil {
		wrong("port", err.Error())
	}
	if c.Mode != "" && c.Mode != "repeater" {
		wrong("mode", c.Mode+" is not repeater")
	}
	switch c.TLS {
	case tlsNo, tlsTry, tlsYes:
	default:
		wrong("tls", c.TLS+" is none of no, try, yes")
	}
	switch c.Verify {
	case "", "yes", "no":
	default:
		wrong("verify", c.Verify+" is neither yes nor no")
	}
	if c.Password != "" && c.User == "" {
		wrong("password", "needs a user")
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		wrong("certfile", "needs keyfile, and keyfile needs it")
	}
	if c.Timeout <= 0 {
		wrong("timeout", "is no time at all")
	}
	return errors.Join(errs...)
}

// options bound what a server may cost.
func (c Config) options() *client.Options {
	return &client.Options{Timeout: c.Timeout, MaxLine: 4 << 10, MaxRows: 2 << 10, MaxList: 256 << 10}
}

func open(ctx context.Context, env drivers.Env, c Config) (drivers.Device, error) {
	target, err := client.ParseTarget(c.Port)
	if err != nil {
		return nil, err
	}
	conn, err := client.Dial(ctx, target.Address(), c.options())
	if err != nil {
		return nil, err
	}
	r := &remote{client: conn, ups: target.UPS, log: env.Log}
	if err := r.greet(ctx, env, c); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return r, nil
}

// greet turns to TLS and says who asks, as far as the settings want it.
func (r *remote) greet(ctx context.Context, env drivers.Env, c Config) error {
	if c.TLS != tlsNo {
		config, err := c.tlsConfig(env.ConfDir)
		if err != nil {
			return err
		}
		if c.TLS == tlsYes {
			err = r.client.StartTLS(ctx, config)
		} else {
			_, err = r.client.TryTLS(ctx, config)
		}
		if err != nil {
			return err
		}
	}
	if c.User == "" {
		return nil
	}
	if err := r.client.Authenticate(ctx, c.User, c.Password); err != nil {
		return err
	}
	// A server older than NUT 2.8 has no tracking, and can do without.
	err := r.client.SetTracking(ctx, true)
	if _, refused := errors.AsType[*client.ServerError](err); refused {
		r.log.Debug("the server does not track orders", "error", err)
		return nil
	}
	return err
}
