// Package sidebyside holds the tests that run our upsmon beside the
// distribution's: through the same histories at the same server, against each
// other as primary and secondary, and with a stopwatch. There is nothing in it to
// import.
package sidebyside
