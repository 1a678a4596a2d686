package sidebyside

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// mixed is a primary with its server on one host, and a secondary on another.
type mixed struct {
	*network

	ours      bool // which of the two: the primary with its server, or the secondary
	server    *server
	primary   *watcher
	secondary *watcher
}

// hurry is the configuration of both.
const hurry = "POLLFREQ 1\nPOLLFREQALERT 1\nHOSTSYNC 6\nDEADTIME 5\nFINALDELAY 1\n"

// newMixed has both log in, over TLS if secure.
func newMixed(tb testing.TB, oursIsPrimary, secure bool) *mixed {
	tb.Helper()
	m := &mixed{network: newNetwork(tb), ours: oursIsPrimary}
	const port = "3493"
	upsd, watchFirst, watchSecond := theirs(tb, "upsd"), watchTheirs, watchOurs
	if m.ours {
		upsd, watchFirst, watchSecond = ours("upsd"), watchOurs, watchTheirs
	}
	m.server = newServer(m.place(0), upsd, primaryHost, port, "one")
	far := m.place(1)
	var more [2]string
	if secure {
		more = m.secure(far)
	}
	m.server.process = m.server.start(upsd, "-F", "-u", me(tb))
	nuttest.Await(tb, func() error {
		_, err := m.server.run(ours("upsc"), "one@"+primaryHost, "ups.status")
		return err
	})
	monitor := func(role string) string { return "MONITOR one@" + primaryHost + " 1 " + role + "\n" + hurry }
	m.primary = watchFirst(m.place(0), monitor("mon m0n primary")+more[0])
	m.secondary = watchSecond(far, monitor("second s3c secondary")+more[1])
	nuttest.Await(tb, func() error {
		got, err := m.server.run(ours("upsc"), "-c", "one@"+primaryHost)
		if err == nil && (!strings.Contains(got, primaryHost) || !strings.Contains(got, secondaryHost)) {
			err = fmt.Errorf("clients: %q", got)
		}
		return err
	})
	return m
}

// secure gives the server a certificate, and returns what both upsmons need to
// insist on it.
func (m *mixed) secure(far *place) (more [2]string) {
	m.Helper()
	const insist = "CERTVERIFY 1\nFORCESSL 1\nCERTHOST " + primaryHost + " localhost 1 1\n"
	if !m.ours {
		directives, _ := nuttest.CertDB(m)
		m.server.configure(directives)
		database := strings.Fields(directives)[1]
		text, err := far.run(theirs(m, "certutil"), "-L", "-n", "upsd", "-a", "-d", database)
		if err != nil {
			m.Fatal(err)
		}
		far.write(files{"ca.pem": text + "\n"})
		return [2]string{"CERTPATH " + database + "\nCERTIDENT upsd secret\n" + insist, "CERTPATH $DIR/ca.pem\n" + insist}
	}
	certificate, key := selfSigned(m)
	m.server.write(files{"server.pem": certificate + key, "ca.pem": certificate})
	m.server.configure("CERTFILE " + m.server.path("server.pem") + "\n")
	far.write(files{"ca.pem": certificate})
	for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-n", "ca", "-t", "CT,,", "-i", far.path("ca.pem")}} {
		if _, err := far.run(theirs(m, "certutil"), append(args, "-d", far.dir)...); err != nil {
			m.Fatal(err)
		}
	}
	return [2]string{"CERTPATH " + m.server.path("ca.pem") + "\n" + insist, "CERTPATH $DIR\n" + insist}
}

// selfSigned is a certificate for localhost and its key.
func selfSigned(tb testing.TB) (certificate, key string) {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		tb.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// once finds that both shut down once, also some time later, and with which
// notices.
func (m *mixed) once() {
	m.Helper()
	rest(m, 3*time.Second)
	for name, w := range map[string]*watcher{"primary": m.primary, "secondary": m.secondary} {
		for _, kind := range []string{"SHUTDOWN", down} {
			if n := w.did(kind); n != 1 {
				m.Errorf("%s: %d times %s", name, n, kind)
			}
		}
		m.Logf("%s:\n%s", name, show(w.events()))
	}
}

// TestMixed goes through a forced shutdown with a primary of one kind and a
// secondary of the other, each on a host of its own. The secondary goes first.
func TestMixed(t *testing.T) {
	t.Parallel()
	for name, oursIsPrimary := range map[string]bool{"our primary, their secondary": true, "their primary, our secondary": false} {
		for how, secure := range map[string]bool{"in clear": false, "over TLS": true} {
			for why, cause := range map[string]func(*mixed){
				"low battery": func(m *mixed) { m.server.drivers["one"].says("ups.status", "OB LB") },
				"by hand":     func(m *mixed) { m.primary.fsd() },
			} {
				t.Run(name+", "+how+", "+why, func(t *testing.T) {
					t.Parallel()
					m := newMixed(t, oursIsPrimary, secure)
					began := uptime(t)
					cause(m)
					second, first := m.secondary.down(10*time.Second), m.primary.down(10*time.Second)
					t.Logf("secondary after %v, primary after %v", second-began, first-began)
					if second >= first {
						t.Error("the primary went first")
					}
					if first-began > 5*time.Second {
						t.Error("the primary has not seen that its secondary left") // HOSTSYNC is more
					}
					m.once()
				})
			}
		}
	}
}

// TestMixedCut pulls the cable in the middle of an outage. The primary waits for
// a secondary that is still counted, for HOSTSYNC and no longer; the secondary
// takes the silence for what it is after DEADTIME. Both go down, once.
func TestMixedCut(t *testing.T) {
	t.Parallel()
	for name, oursIsPrimary := range map[string]bool{"our primary, their secondary": true, "their primary, our secondary": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMixed(t, oursIsPrimary, false)
			one := m.server.drivers["one"]
			one.says("ups.status", "OB")
			for _, w := range []*watcher{m.primary, m.secondary} {
				nuttest.Await(t, func() error {
					if w.did("ONBATT") == 0 {
						return fmt.Errorf("on battery is not told: %s", show(w.events()))
					}
					return nil
				})
			}
			m.cut()
			began := uptime(t)
			one.says("ups.status", "OB LB")
			first := m.primary.down(15*time.Second) - began
			second := m.secondary.down(40*time.Second) - began
			t.Logf("primary after %v, secondary after %v", first, second)
			if first < 6*time.Second || first > 12*time.Second {
				t.Errorf("the primary went after %v, HOSTSYNC is 6 s", first)
			}
			m.once()
		})
	}
}

// TestMixedMended pulls the cable while all is well, and puts it back: nobody
// goes down, and the secondary is counted again.
func TestMixedMended(t *testing.T) {
	t.Parallel()
	for name, oursIsPrimary := range map[string]bool{"our primary, their secondary": true, "their primary, our secondary": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMixed(t, oursIsPrimary, false)
			m.cut()
			nuttest.Await(t, m.tells("COMMBAD"))
			m.mend()
			nuttest.Await(t, m.tells("COMMOK"))
			rest(t, time.Second)
			one := m.server.drivers["one"]
			one.says("ups.status", "OB LB")
			if m.secondary.down(15*time.Second) >= m.primary.down(15*time.Second) {
				t.Error("the primary went first")
			}
			m.once()
		})
	}
}

// tells finds whether the secondary has told something.
func (m *mixed) tells(kind string) func() error {
	return func() error {
		if m.secondary.did(kind) == 0 {
			return fmt.Errorf("%s is not told: %s", kind, show(m.secondary.events()))
		}
		return nil
	}
}
