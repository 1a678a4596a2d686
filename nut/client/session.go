package client

import (
	"context"
	"errors"

	"github.com/wattnut/wattnut/nut"
)

// Username tells the server who asks. It never says whether it knows the name.
func Username(name string) *Call[string] { return ask(readOK, "USERNAME", name) }

// Password gives the password. NUT's upsd tells whether it is the right one
// only at the first request that needs it, by ACCESS-DENIED.
func Password(password string) *Call[string] {
	return ask(readOK, "PASSWORD", password).as("PASSWORD")
}

// Login counts this connection among those that the UPS feeds, until it ends.
func Login(ups string) *Call[string] { return ask(readOK, "LOGIN", ups) }

// Logout ends the session: the server closes the connection. It can only be the
// last call of a connection.
func Logout() *Call[string] { return ask(readOK, "LOGOUT") }

// Authenticate gives user and password in one write. A server may take both and
// refuse the first request that needs them.
func (c *Client) Authenticate(ctx context.Context, user, password string) error {
	name, word := Username(user), Password(password)
	if err := c.Do(ctx, name, word); err != nil {
		return err
	}
	return errors.Join(name.err, word.err)
}

// Login counts this connection among those that the UPS feeds.
func (c *Client) Login(ctx context.Context, ups string) error {
	_, err := one(ctx, c, Login(ups))
	return err
}

// Logout says goodbye and closes the connection, whatever the server answers.
func (c *Client) Logout(ctx context.Context) error {
	_, err := one(ctx, c, Logout())
	return errors.Join(err, c.Close())
}

// Primary tells whether this session may act as the primary of a UPS. A server
// before NUT 2.8 knows the same under its old name, MASTER.
func (c *Client) Primary(ctx context.Context, ups string) error {
	_, err := one(ctx, c, ask(readOK, "PRIMARY", ups))
	if errors.Is(err, nut.ErrUnknownCommand) {
		_, err = one(ctx, c, ask(readOK, "MASTER", ups))
	}
	return err
}

// FSD sets the UPS's forced shutdown flag, which no client can take back.
func (c *Client) FSD(ctx context.Context, ups string) error {
	_, err := one(ctx, c, ask(readOK, "FSD", ups))
	return err
}

// Version is what the server says of itself, for people.
func (c *Client) Version(ctx context.Context) (string, error) {
	return one(ctx, c, ask(readText, "VER"))
}

// ProtocolVersion is the protocol's version, "1.3" since NUT 2.8. A server that
// does not know PROTVER is asked by its old name, NETVER.
func (c *Client) ProtocolVersion(ctx context.Context) (string, error) {
	version, err := one(ctx, c, ask(readText, "PROTVER"))
	if errors.Is(err, nut.ErrUnknownCommand) {
		version, err = one(ctx, c, ask(readText, "NETVER"))
	}
	return version, err
}

// Help is the server's list of its commands, for people.
func (c *Client) Help(ctx context.Context) (string, error) {
	return one(ctx, c, ask(readText, "HELP"))
}
