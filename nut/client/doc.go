// Package client speaks the protocol of RFC 9271 to any upsd.
//
// [Dial] connects; each method of [Client] asks one question and waits for the
// answer. A list comes whole or not at all: a cut list, an error in its middle
// or a line that does not belong there is an error, never a shorter list.
//
//	c, err := client.Dial(ctx, "ups.example.org", nil)
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	status, err := c.GetVar(ctx, "rack1", "ups.status")
//
// Several questions go out in one write with [Client.Do], over calls that the
// functions [GetVar], [ListVar] and their like make; the methods are the case
// of one.
//
// What the server refuses is a [*ServerError], which wraps the word it sent:
// errors.Is(err, nut.ErrDataStale). The connection goes on. What breaks the
// protocol is a [*ProtocolError]; after one, as after an interruption, nobody
// knows which answer would come next, so the connection is of no more use and
// every further call says so with [ErrUnusable]. Connecting anew is left to the
// caller.
package client
