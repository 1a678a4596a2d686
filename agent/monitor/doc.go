// Package monitor decides when this host must go down for want of power, as
// NUT's upsmon does, and tells people what happens to the UPSes it watches.
//
// [Machine] is the whole of the decision. It has no clock, no goroutine and no
// I/O: it is stepped with the time and with what is known of each UPS, and
// answers with what is to be done. Whoever drives it polls, logs, runs commands
// and sends notices; no judgement is left to that side. A history of inputs
// played again gives the same actions again.
package monitor
