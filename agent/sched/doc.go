// Package sched runs commands at events, at once or some time later unless
// another event comes first, as NUT's upssched does.
//
// The core is pure: [Config.Orders] tells what upssched.conf asks for at an
// [Event], and [Timers] what comes of such an [Order] at a given time. Neither
// has a clock. Around it, [Scheduler] has the clock, keeps the timers in a file
// where they outlive the process, and hands the commands to [Scripts], which
// runs CMDSCRIPT.
//
// Under the agent that is all. The program upssched, which upsmon calls anew
// for each event, reaches a Scheduler in another process: [Client] and [Serve]
// speak NUT's own lines over the socket PIPEFN, so that either side can be
// NUT's.
package sched
