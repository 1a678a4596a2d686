package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
)

// StartTLS turns to TLS, or fails if the server does not. The certificate is
// verified against the host that was dialled, unless config says otherwise; nil
// is the zero config. After a failed handshake the connection is unusable.
func (c *Client) StartTLS(ctx context.Context, config *tls.Config) error {
	if _, err := one(ctx, c, ask(readStart, "STARTTLS")); err != nil {
		return err
	}
	return c.handshake(ctx, config)
}

// TryTLS turns to TLS as StartTLS does, but goes on in clear where the server
// answers that it does not do TLS; secure tells which. Whoever is on the way
// can give that answer too: use StartTLS where that matters.
func (c *Client) TryTLS(ctx context.Context, config *tls.Config) (secure bool, err error) {
	err = c.StartTLS(ctx, config)
	if _, refused := errors.AsType[*ServerError](err); refused {
		return false, nil
	}
	return err == nil, err
}

// Secure tells whether the connection is encrypted by StartTLS.
func (c *Client) Secure() bool { return c.secure }

func (c *Client) handshake(ctx context.Context, config *tls.Config) error {
	if config == nil {
		config = &tls.Config{}
	}
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = c.host
	}
	limited, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	conn := tls.Client(c.conn, config)
	if err := conn.HandshakeContext(limited); err != nil {
		c.broken = err
		c.conn.Close()
		return fmt.Errorf("STARTTLS: %w", err)
	}
	c.conn, c.in, c.secure = conn, newReader(conn, c.opts), true
	return nil
}

// readStart takes OK STARTTLS with nothing behind it: bytes that came in clear
// must not be taken for what was said under TLS.
func readStart(in *reader, first line) (string, error) {
	said, err := readOK(in, first)
	if err == nil && in.src.Buffered() > 0 {
		err = in.violation("clear bytes behind the answer")
	}
	return said, err
}
