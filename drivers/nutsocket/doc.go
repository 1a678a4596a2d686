// Package nutsocket has any NUT driver process as a device, over the driver's
// local socket: one that somebody else runs ([Attach], and the driver name
// "nutsocket" in ups.conf), or one that the device starts and ends itself
// ([Start]). So every device that NUT supports is one of ours.
//
// It takes nothing on trust from the process: its lines, its lists and its
// silence are bounded, and what it says wrongly costs only that line.
package nutsocket
