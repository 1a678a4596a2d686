// Package nut is what a UPS says: names, values, status words, and the
// immutable Snapshot in which they travel from a driver to every reader.
//
// A driver writes a [Draft]; [Draft.Freeze] makes a [Snapshot] of it, which any
// goroutine may read without a lock. Values are the strings the device gave:
// numbers are read on use, so that "0764" stays "0764".
//
// The package depends on the standard library only and knows no wire format,
// file or clock of its own.
package nut
