// Package history keeps what no device remembers: how often and why a UPS went
// to battery, for how long, how much energy its load took, and each outage as
// one record. It goes on over restarts, also after an end that nobody planned.
//
// What is counted is in [Account], which knows no clock and no file; [History]
// follows the snapshots of all UPSes and keeps the accounts in one small file.
package history
