// Package state holds the latest snapshot of each UPS, which is all that the
// server, the monitor and the exporters ever read. Runners publish into it;
// readers take no lock that a writer holds for long.
package state
