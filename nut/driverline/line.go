package driverline

import "github.com/wattnut/wattnut/nut"

// Verb is the first word of a line, in upper case.
type Verb string

// What a driver says.
const (
	SetInfo   Verb = "SETINFO"   // Name Value
	DelInfo   Verb = "DELINFO"   // Name
	AddEnum   Verb = "ADDENUM"   // Name Value
	DelEnum   Verb = "DELENUM"   // Name Value
	AddRange  Verb = "ADDRANGE"  // Name Range
	DelRange  Verb = "DELRANGE"  // Name Range
	SetAux    Verb = "SETAUX"    // Name Number
	SetFlags  Verb = "SETFLAGS"  // Name Flags
	AddCmd    Verb = "ADDCMD"    // Name
	DelCmd    Verb = "DELCMD"    // Name
	DataOK    Verb = "DATAOK"    //
	DataStale Verb = "DATASTALE" //
	DumpDone  Verb = "DUMPDONE"  //
	Pong      Verb = "PONG"      //
	Tracking  Verb = "TRACKING"  // Tracking Number
	PID       Verb = "PID"       // Value
	OK        Verb = "OK"        // Value: "Goodbye"
)

// What a server, or another client, says to a driver.
const (
	DumpAll     Verb = "DUMPALL"     //
	DumpStatus  Verb = "DUMPSTATUS"  //
	DumpValue   Verb = "DUMPVALUE"   // Name
	Ping        Verb = "PING"        //
	Set         Verb = "SET"         // Name Value [Tracking]
	InstCmd     Verb = "INSTCMD"     // Name [Value] [Tracking]
	NoBroadcast Verb = "NOBROADCAST" //
	Broadcast   Verb = "BROADCAST"   // [Number]; 1 where it is left out
	GetPID      Verb = "GETPID"      //
	Logout      Verb = "LOGOUT"      //
)

// Line is one line. Which fields count is said beside each verb.
type Line struct {
	Verb     Verb
	Name     nut.Name // of a variable or an instant command
	Value    string
	Range    nut.Range
	Number   int
	Flags    Flags
	Tracking string // the id under which the outcome is told; "" for none

	// Surplus tells that there were more words than the verb takes. A driver
	// before NUT 2.8.5 that has a " in a value sends such a line.
	Surplus bool
}

// Flags are the words of SETFLAGS.
type Flags struct{ Writable, Text, Number bool }

// The codes of TRACKING.
const (
	Handled    = 0
	Unknown    = 1
	Invalid    = 2
	Failed     = 3
	Conversion = 4 // the value has not the right form; since NUT 2.8.3
)

// Outcome is what a code of TRACKING means: nil, or one of the errors that
// [nut.Door] names.
func Outcome(code int) error {
	switch code {
	case Handled:
		return nil
	case Unknown:
		return nut.ErrUnknown
	case Invalid, Conversion:
		return nut.ErrInvalidArgument
	}
	return nut.ErrFailed
}
