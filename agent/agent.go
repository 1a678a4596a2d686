package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/agent/server"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// How long parts may take to end.
const (
	serverGrace = 2 * time.Second
	deviceGrace = 10 * time.Second
)

// Options are what the configuration does not say.
type Options struct {
	Drivers   []drivers.Driver    // the native ones; see drivers/all
	Attach    bool                // run no devices, as upsd: attach to the sockets of those that others run
	Family    Family              // which addresses to listen on
	Version   string              // told as server.version and driver.version
	Events    func(nut.Event)     // told what happens to the UPSes, and must not wait; nil tells nobody
	Snapshots func(*nut.Snapshot) // told the snapshots of the UPSes, and must not wait; nil tells nobody
	Log       *slog.Logger        // nil discards
}

// Agent is UPSes and the server that shows them.
type Agent struct {
	options   Options
	fleet     *fleet
	users     server.Accounts
	server    *server.Server
	listeners []listener

	mu     sync.Mutex // one change of the configuration at a time
	config *config.Config
}

// listener is an open socket and what it asks of clients.
type listener struct {
	net.Listener
	policy server.Policy
}

// New opens the sockets that c names and checks the certificate, so that what is
// wrong shows at once. Nothing runs until Run, which must be called, or Close.
func New(ctx context.Context, c *config.Config, o Options) (*Agent, error) {
	o.Log = quiet(o.Log)
	a := &Agent{options: o, config: c, fleet: &fleet{options: o, store: new(state.Store)}}
	a.users.Replace(accounts(c.Users))
	secure, err := certificate(c.Server, o.Log)
	if err != nil {
		return nil, err
	}
	a.server = &server.Server{
		Store: a.fleet.store, Users: &a.users, TLS: secure, Log: o.Log, Version: o.Version,
		Descriptions:  describe(c.Server.DataPath, o.Log),
		TrackingDelay: c.Server.TrackingDelay, MaxConns: c.Server.MaxConn,
	}
	if err := a.listen(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// listen opens the sockets. With ALLOW_NOT_ALL_LISTENERS one is enough. Where no
// LISTEN says what to listen on, an address that this machine does not have, as
// one without IPv6, is no error.
func (a *Agent) listen(ctx context.Context) error {
	var errs []error
	enough := true
	for _, l := range a.config.Server.Listen {
		sockets, err := listen(ctx, a.options.Family, l.Host, l.Port)
		if err != nil {
			errs = append(errs, err)
			enough = enough && a.doesWithout(err)
			continue
		}
		for _, s := range sockets {
			a.listeners = append(a.listeners, listener{s, server.Policy{TLSRequired: l.TLSRequired, NoAnonymous: l.NoAnonymous}})
		}
	}
	if err := errors.Join(errs...); err != nil {
		if len(a.listeners) == 0 || !enough {
			return err
		}
		a.options.Log.Warn("not listening everywhere", "error", err)
	}
	return nil
}

// doesWithout tells whether the sockets are enough without the one that err is
// about.
func (a *Agent) doesWithout(err error) bool {
	s := &a.config.Server
	return s.AllowNotAllListeners || s.ListenDefault && errors.Is(err, errNoAddress)
}

// Close ends an Agent that is not run.
func (a *Agent) Close() {
	for _, l := range a.listeners {
		l.Close()
	}
}

// Addrs is where clients are served.
func (a *Agent) Addrs() []net.Addr {
	all := make([]net.Addr, len(a.listeners))
	for i, l := range a.listeners {
		all[i] = l.Addr()
	}
	return all
}

// Store is where the snapshots are.
func (a *Agent) Store() *state.Store { return a.fleet.store }

// ServerStats is what the server has counted.
func (a *Agent) ServerStats() server.Stats { return a.server.Stats() }

// DeviceStats is what each device went through, by the name of its UPS.
func (a *Agent) DeviceStats() map[string]device.Stats { return a.fleet.stats() }

// Run runs everything until ctx ends, which is no error, or a part fails.
func (a *Agent) Run(ctx context.Context) error {
	a.mu.Lock()
	a.fleet.begin(a.config)
	a.mu.Unlock()
	g, serving := errgroup.WithContext(ctx)
	for _, l := range a.listeners {
		g.Go(func() error { return a.server.Serve(serving, l.Listener, l.policy) })
	}
	g.Go(func() error { <-serving.Done(); return a.shutdown() })
	if err := g.Wait(); ctx.Err() == nil {
		return err
	}
	return nil
}

// shutdown ends clients first, then devices, so that nobody is told that a
// device is gone because we go.
func (a *Agent) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), serverGrace)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != nil {
		a.options.Log.Debug("clients cut off", "error", err)
	}
	return a.fleet.stop(deviceGrace)
}

// Reload changes what differs between c and the configuration that runs. UPSes,
// logins and connections that did not change go on. What is fixed at start
// is told and stays: sockets, limits and the certificate's place (its content is
// read again by itself). It may be called at any time, from any goroutine: before
// Run it changes what Run will run.
func (a *Agent) Reload(c *config.Config) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fixed := func(s config.Server) config.Server {
		s.MaxAge, s.AllowNoDevice, s.AllowNotAllListeners, s.DebugMin, s.Listen, s.ListenDefault = 0, false, false, 0, nil, false
		return s
	}
	was, is := a.config.Server, c.Server
	if !slices.Equal(was.Listen, is.Listen) || fmt.Sprint(fixed(was)) != fmt.Sprint(fixed(is)) {
		a.options.Log.Warn("upsd.conf changed in what is read at start only: restart for LISTEN, limits, DATAPATH and certificates")
	}
	a.users.Replace(accounts(c.Users))
	a.fleet.apply(c)
	a.config = c
	a.options.Log.Info("configuration read again", "ups", len(c.UPSes), "users", len(c.Users))
}

// certificate makes the server's TLS configuration, nil where none is asked
// for.
func certificate(s config.Server, log *slog.Logger) (*tls.Config, error) {
	if s.CertFile == "" {
		return nil, nil
	}
	c := server.Certificate{File: s.CertFile, ClientCAs: s.CertPath, ClientAuth: s.ClientAuth, Log: log}
	if s.DisableWeakSSL {
		c.MinVersion = tls.VersionTLS12
	}
	return c.Config()
}

// describe prefers the site's own cmdvartab to the built-in vocabulary.
func describe(dataPath string, log *slog.Logger) server.Descriptions {
	if dataPath != "" {
		table, err := readTable(filepath.Join(dataPath, "cmdvartab"))
		if err == nil {
			return table
		}
		log.Warn("descriptions are the built-in ones", "error", err)
	}
	return vocabulary{}
}

func readTable(path string) (*server.Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return server.ReadTable(f)
}
