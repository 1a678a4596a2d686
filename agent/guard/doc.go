// Package guard is the small part of the agent that keeps root's rights: it can
// end the host, and does nothing else.
//
// [Guard.Run] holds how the host is to be ended as it was at the start, runs the
// agent under another user, starts it again when it dies, and ends the host when
// the agent says so, or when the agent is lost for good while the battery was
// low. It takes nothing from the agent but single bytes out of a pipe, and reads
// nothing from any network. The agent's side is [Client]; where nothing is split
// (upsmon -p), [Direct] is both.
//
// A program that is split looks like this:
//
//	client, err := guard.Adopt()
//	if client == nil { // the guard, so far
//		… read SHUTDOWNCMD and POWERDOWNFLAG …
//		g := guard.Guard{Host: guard.NewHost(flag, guard.Shell(command), log), User: "nut", Args: os.Args, …}
//		return g.Run(ctx)
//	}
//	… be the agent, and tell the client …
//
// The guard's process is the one to have in the PID file, unlike upsmon's, where
// it is the child's: it outlives the agent's deaths, and passes SIGHUP and
// SIGUSR1 on.
package guard
