// Package driverctl finds, asks, starts and ends driver processes, ours and
// NUT's alike: by their PID files and over their local sockets. It is the
// inside of upsdrvctl, and of what a driver does to the process before it.
package driverctl
