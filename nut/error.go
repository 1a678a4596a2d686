package nut

// Error is the word a server sends after ERR (RFC 9271 section 4.3.2). It is
// comparable: errors.Is(err, nut.ErrDataStale) works on whatever wraps it.
type Error string

// The words of RFC 9271, and those that only NUT's upsd sends.
const (
	ErrAccessDenied         Error = "ACCESS-DENIED"
	ErrUnknownUPS           Error = "UNKNOWN-UPS"
	ErrVarNotSupported      Error = "VAR-NOT-SUPPORTED"
	ErrCmdNotSupported      Error = "CMD-NOT-SUPPORTED"
	ErrInvalidArgument      Error = "INVALID-ARGUMENT"
	ErrInstcmdFailed        Error = "INSTCMD-FAILED"
	ErrSetFailed            Error = "SET-FAILED"
	ErrReadonly             Error = "READONLY"
	ErrTooLong              Error = "TOO-LONG"
	ErrInvalidValue         Error = "INVALID-VALUE"
	ErrFeatureNotSupported  Error = "FEATURE-NOT-SUPPORTED"
	ErrFeatureNotConfigured Error = "FEATURE-NOT-CONFIGURED"
	ErrDriverNotConnected   Error = "DRIVER-NOT-CONNECTED"
	ErrDataStale            Error = "DATA-STALE"
	ErrAlreadyLoggedIn      Error = "ALREADY-LOGGED-IN"
	ErrAlreadySetUsername   Error = "ALREADY-SET-USERNAME"
	ErrAlreadySetPassword   Error = "ALREADY-SET-PASSWORD"
	ErrAlreadySSLMode       Error = "ALREADY-SSL-MODE"
	ErrUsernameRequired     Error = "USERNAME-REQUIRED"
	ErrPasswordRequired     Error = "PASSWORD-REQUIRED"
	ErrInvalidUsername      Error = "INVALID-USERNAME"
	ErrInvalidPassword      Error = "INVALID-PASSWORD"
	ErrUnknownCommand       Error = "UNKNOWN-COMMAND"
	ErrTLSNotEnabled        Error = "TLS-NOT-ENABLED"     // RFC only: TLS is demanded here
	ErrAlreadyAttached      Error = "ALREADY-ATTACHED"    // RFC's ALREADY-LOGGED-IN
	ErrTLSAlreadyEnabled    Error = "TLS-ALREADY-ENABLED" // RFC's ALREADY-SSL-MODE
	ErrUnknown              Error = "UNKNOWN"             // a tracked order the driver does not know
	ErrFailed               Error = "FAILED"              // a tracked order the driver could not carry out
)

// Error is the word itself, as on the wire.
func (e Error) Error() string { return string(e) }
