package client

import (
	"errors"
	"fmt"

	"github.com/wattnut/wattnut/nut"
)

var (
	// ErrUnusable says that an earlier call left the connection in a state
	// that no further call can trust. The error has the cause as well.
	ErrUnusable = errors.New("connection is not usable")
	// ErrArgument says that an argument holds what the protocol cannot carry:
	// bytes other than printable ASCII, or more than 512 of them. Nothing was
	// sent.
	ErrArgument = errors.New("cannot be sent")

	errUnasked = errors.New("was not asked")
	errClosed  = errors.New("closed")
)

// ServerError is an ERR answer (RFC 9271 section 4.3.2).
type ServerError struct {
	Request string    // what was asked, without any password
	Word    nut.Error // in upper case; also one that no document knows
	Text    string    // what the server added; usually ""
}

// Error names the request and the word.
func (e *ServerError) Error() string {
	if e.Text != "" {
		return fmt.Sprintf("%s: %s (%s)", e.Request, e.Word, e.Text)
	}
	return e.Request + ": " + string(e.Word)
}

// Unwrap returns the word.
func (e *ServerError) Unwrap() error { return e.Word }

// ProtocolError is an answer that breaks the protocol.
type ProtocolError struct {
	Request string // what was asked, without any password
	Line    string // the offending line, cut to 200 bytes; "" if it never ended
	Problem string // what is wrong with it
	Err     error  // an ERR answer that came inside a list, else nil
}

// Error names the request, the problem and the line.
func (e *ProtocolError) Error() string {
	if e.Line == "" {
		return e.Request + ": " + e.Problem
	}
	return fmt.Sprintf("%s: %s: %q", e.Request, e.Problem, e.Line)
}

// Unwrap returns Err.
func (e *ProtocolError) Unwrap() error { return e.Err }
