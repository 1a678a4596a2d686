package main

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// libraryTexts are what NUT's client library says of an ERR word; scripts look
// for them.
var libraryTexts = map[nut.Error]string{
	nut.ErrVarNotSupported:    "Variable not supported by UPS",
	nut.ErrUnknownUPS:         "Unknown UPS",
	nut.ErrAccessDenied:       "Access denied",
	nut.ErrPasswordRequired:   "Password required",
	nut.ErrDataStale:          "Data stale",
	nut.ErrAlreadyLoggedIn:    "Already logged in",
	nut.ErrAlreadySetPassword: "Already set password",
	nut.ErrReadonly:           "Read-only variable",
	nut.ErrTooLong:            "New value is too long",
	nut.ErrInvalidValue:       "Invalid value for variable",
	nut.ErrSetFailed:          "Set command failed",
	nut.ErrInstcmdFailed:      "Instant command failed",
	nut.ErrCmdNotSupported:    "Instant command not supported",
	nut.ErrInvalidUsername:    "Invalid username",
	nut.ErrAlreadySetUsername: "Already set username",
	nut.ErrUnknownCommand:     "Unknown command",
	nut.ErrInvalidPassword:    "Invalid password",
	nut.ErrUsernameRequired:   "Username required",
	nut.ErrDriverNotConnected: "Driver not connected",
}

// libraryText says an error of a session in the words of NUT's client library,
// and goes on in ours where those say little.
func libraryText(err error) string {
	if word, ok := errors.AsType[nut.Error](err); ok {
		if text := libraryTexts[word]; text != "" {
			return text
		}
		return "Unknown error (" + string(word) + ")"
	}
	if violation, ok := errors.AsType[*client.ProtocolError](err); ok {
		return "Protocol error: " + violation.Error()
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "No such host"
	}
	if refused, ok := errors.AsType[*net.OpError](err); ok && refused.Op == "dial" {
		return "Connection failure: " + dialText(refused)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		return "Server disconnected"
	}
	return err.Error()
}

func dialText(err *net.OpError) string {
	if err.Timeout() {
		return "Connection timed out"
	}
	return systemText(err.Err)
}

// systemText says a system's error as C does: "Connection refused".
func systemText(err error) string {
	number, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return err.Error()
	}
	text := number.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
