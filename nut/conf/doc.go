// Package conf reads and writes NUT's configuration files: text to sections
// and directives, each with the line it stands on, and back.
//
// Three grammars are in use. ups.conf and upsd.users have sections of
// settings, "key = value" or a bare flag. upsd.conf, upsmon.conf and most
// others have one directive a line, a word and its arguments. Both are made of
// the words of [wire.Scanner]. nut.conf and upslog.conf are read by shells:
// VAR=value.
//
// [Parse] reports all that is wrong at once, each problem with its file and
// line, and never quotes what may be a password. A directive that cannot be
// used is left out of the [File], so that what is in it can be relied on.
//
// The package is pure: it opens no file and reads no environment.
package conf
