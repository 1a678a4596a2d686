package server

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"
)

// tapped keeps what was read.
type tapped struct {
	net.Conn
	got []byte
}

func (r *tapped) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.got = append(r.got, p[:n]...)
	return n, err
}

// last is the type of the last TLS record (RFC 5246 section 6.2.1).
func (r *tapped) last() (kind byte) {
	for rest := r.got; len(rest) > 5; {
		kind = rest[0]
		rest = rest[min(len(rest), 5+int(binary.BigEndian.Uint16(rest[3:]))):]
	}
	return kind
}

// Under TLS the server says that the end is the end (close_notify, RFC 5246
// section 7.2.1): without it, OpenSSL takes the goodbye for an attack.
func TestTLSEndsInOrder(t *testing.T) {
	p := dial(t, listen(t, &Server{TLS: selfSigned(t)}, Policy{}))
	p.ask("STARTTLS", "OK STARTTLS")
	p.SetDeadline(time.Now().Add(5 * time.Second))
	raw := &tapped{Conn: p.Conn}
	// TLS 1.3 does not show what kind of record an alert is.
	c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	if _, err := c.Write([]byte("LOGOUT\n")); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(c); string(said) != "OK Goodbye\n" || err != nil {
		t.Errorf("got %q, %v", said, err)
	}
	const alert = 21
	if raw.last() != alert {
		t.Error("the connection is cut without a word")
	}
}
