package config

import "log/slog"

// Secret is a password, which is never shown: string(s) is what it says.
type Secret string

// String is "***", or "" for no password.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString is String, in quotes.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
