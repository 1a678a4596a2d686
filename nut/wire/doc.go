// Package wire splits and writes the lines of RFC 9271, of NUT's configuration
// files and of its drivers' local sockets, which share one grammar (NUT's
// "parseconf"): words apart by blanks, "quotes", backslashes, # comments, and =
// as a word of its own.
//
// The package is pure: bytes to words and back, no socket and no file.
package wire
