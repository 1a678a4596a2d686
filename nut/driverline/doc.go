// Package driverline is the lines that NUT's drivers and their server exchange
// over a driver's local socket, which RFC 9271 section 2.3 leaves open. It
// stands beside nut/wire, because both floors above speak it: drivers/nutsocket
// as the server, agent/driversocket as the driver.
//
// The package is pure: words to a [Line] and back.
package driverline
