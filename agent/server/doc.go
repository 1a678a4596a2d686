// Package server answers clients of RFC 9271, word for word as NUT's upsd does
// where the two differ. It is shaped like http.Server: fill a [Server], call
// Serve for each listener, and Shutdown.
//
// It reads snapshots only: no answer waits for a device. Orders leave through
// [state.UPS.Order]. Where it differs from upsd on purpose is listed in
// docs/differences-upsd.md.
package server
