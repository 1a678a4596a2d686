// Package config makes a checked, typed configuration of NUT's files and the
// environment. It binds drivers and opens no device.
//
// The folder is the one asked for, else NUT_CONFPATH, else /etc/wattnut, else
// /etc/nut. Of its files, ups.conf, upsd.conf, upsd.users and nut.conf are used.
// What NUT has no file for is in variables WATTNUT_*, see [Env]; two more kinds
// of them make files needless, as in a container:
//
//	WATTNUT_UPS_OFFICE="driver=dummy-ups port=office.dev desc=Office"
//	WATTNUT_USER_ADMIN="password=secret actions=SET instcmds=ALL"
//
// The rest of the variable's name, in lower case, is the name of the UPS or of
// the user, and the value is what a section of ups.conf or upsd.users would
// say, with any number of settings on a line. A UPS or user of the same name in
// a file gives way.
//
// All that is wrong is in the [Report], and what is in the [Config] can be
// relied on.
package config
