package monitor

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// peer is the distribution's upsd, with a UPS that a test can play with.
type peer struct {
	*nuttest.UPSD

	admin *client.Client
}

func newPeer(t *testing.T, directives string) *peer {
	t.Helper()
	p := &peer{UPSD: nuttest.StartUPSD(t, nuttest.Config{
		Devices:    []nuttest.Device{{Name: "a", Dev: "ups.status: OL\nbattery.charge: 100\nbattery.charge.low: 20\n"}},
		Users:      "[mon]\npassword = monpw\nupsmon primary\n[other]\npassword = otherpw\nupsmon secondary\n[admin]\npassword = adminpw\nactions = SET\n",
		Directives: directives,
	})}
	var err error
	if p.admin, err = client.Dial(t.Context(), p.Addr, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.admin.Close() })
	if err := p.admin.Authenticate(t.Context(), "admin", "adminpw"); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *peer) say(t *testing.T, status string) {
	t.Helper()
	if _, err := p.admin.Set(t.Context(), "a", "ups.status", status); err != nil {
		t.Fatal(err)
	}
}

// watch runs a Monitor over p, polling quickly.
func (p *peer) watch(t *testing.T, upses, user, password string, change func(*Config, *Link)) (*recorder, <-chan error) {
	t.Helper()
	c := config(upses)
	c.PollFreq, c.PollFreqAlert, c.FinalDelay, c.HostSync = 50*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond, 5*time.Second
	links := linksOf(c, p.Addr)
	links[0].User, links[0].Password = user, password
	if change != nil {
		change(&c, &links[0])
	}
	r := newRecorder()
	m, err := NewMonitor(c, links, Options{Ender: r, Notifier: r})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	done := make(chan struct{})
	go func() { defer close(done); ended <- m.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return r, ended
}

func (p *peer) logins(t *testing.T, want int) {
	t.Helper()
	nuttest.Await(t, func() error {
		n, err := p.admin.NumLogins(t.Context(), "a")
		if err == nil && n != want {
			err = fmt.Errorf("%d are logged in, not %d", n, want)
		}
		return err
	})
}

func (r *recorder) await(t *testing.T, want string) {
	t.Helper()
	nuttest.Await(t, func() error {
		if got := r.String(); got != want {
			return fmt.Errorf("got  %s\nwant %s", got, want)
		}
		return nil
	})
}

// A primary and a secondary go through a whole outage at the distribution's upsd.
func TestPeerShutdown(t *testing.T) {
	p := newPeer(t, "")
	primary, primaryEnd := p.watch(t, "a=1p", "mon", "monpw", nil)
	secondary, secondaryEnd := p.watch(t, "a=1s", "other", "otherpw", nil)
	p.logins(t, 2)
	p.say(t, "OB DISCHRG")
	primary.await(t, "ONBATT a")
	secondary.await(t, "ONBATT a")
	p.say(t, "OL")
	primary.await(t, "ONBATT a; ONLINE a")
	p.say(t, "OB LB")
	for _, end := range []<-chan error{primaryEnd, secondaryEnd} {
		if err := <-end; err != nil {
			t.Error(err)
		}
	}
	if got := strings.ReplaceAll(secondary.String(), "low; ", ""); !strings.HasSuffix(got, "FSD a; SHUTDOWN; POWEROFF") {
		t.Errorf("secondary: %s", got)
	}
	if got := primary.String(); got != "ONBATT a; ONLINE a; ONBATT a; LOWBATT a; FSD a; low; SHUTDOWN_HOSTSYNC; SHUTDOWN; POWEROFF" {
		t.Errorf("primary: %s", got)
	}
	p.logins(t, 0)
	if status, err := p.admin.GetVar(t.Context(), "a", "ups.status"); err != nil || !strings.HasPrefix(status, "FSD") {
		t.Errorf("status %q, %v", status, err)
	}
}

// Who is denied goes on watching, and is not counted.
func TestPeerWrongPassword(t *testing.T) {
	p := newPeer(t, "")
	r, _ := p.watch(t, "a=1s", "other", "wrong", nil)
	p.say(t, "OB")
	r.await(t, "ONBATT a")
	p.logins(t, 0)
}

func TestPeerTLS(t *testing.T) {
	directives, roots := nuttest.CertDB(t)
	p := newPeer(t, directives)
	for name, tt := range map[string]struct {
		config *tls.Config
		want   string
	}{
		"verified":            {&tls.Config{ServerName: "localhost", RootCAs: roots}, "ONBATT a"},
		"of somebody unknown": {&tls.Config{ServerName: "localhost"}, "COMMBAD a"},
		"of another name":     {&tls.Config{ServerName: "example.org", RootCAs: roots}, "COMMBAD a"},
		"not looked at":       {nil, "ONBATT a"},
	} {
		t.Run(name, func(t *testing.T) {
			p.say(t, "OB")
			r, _ := p.watch(t, "a=1s", "other", "otherpw", func(_ *Config, l *Link) { l.RequireTLS, l.TLS = true, tt.config })
			r.await(t, tt.want)
		})
	}
}

// From what a driver of this agent publishes to the order to end the host, in
// real time: 50 ms are promised, beyond the delays that are configured.
func TestLatency(t *testing.T) {
	const promised = 50 * time.Millisecond
	var took []time.Duration
	for range 21 {
		ups := state.NewUPS("a", "", nil)
		store := new(state.Store)
		store.Replace([]*state.UPS{ups})
		c := config("a=1p")
		c.FinalDelay = 0
		r := newRecorder()
		m, err := NewMonitor(c, linksOf(c, "here"), Options{Ender: r, Notifier: r, Store: store, Own: func(client.Target) bool { return true }})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- m.Run(t.Context()) }()
		nuttest.Await(t, func() error {
			if ups.Logins() != 1 {
				return fmt.Errorf("not logged in")
			}
			return nil
		})
		var d nut.Draft
		d.SetStatus("OB", "LB")
		began := time.Now()
		ups.Heard(began)
		ups.Publish(d.Freeze("a", nut.Live, began))
		<-r.down
		took = append(took, time.Since(began))
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(took)
	t.Logf("from publish to the order: %v to %v, half of them within %v", took[0], took[20], took[10])
	if took[10] > promised {
		t.Errorf("from publish to the order: %v, %v are promised", took[10], promised)
	}
}
