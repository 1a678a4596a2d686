// Package driversocket speaks the driver's side of NUT's local socket, so that
// NUT's own upsd, or anybody else who may open the socket, can use a driver of
// ours: everything it knows in answer to DUMPALL, every change as it happens,
// and orders with their outcome.
//
// Who connects is bounded in number, in what it may send and in what it may
// leave unread; one that stalls is dropped and holds up nobody.
package driversocket
