package sidebyside

import "time"

// history is what happens to the UPSes that both watch.
type history struct {
	name    string
	monitor string // MONITOR lines, if not the usual one
	conf    string // further lines of upsmon.conf
	steps   []step
	differs []differs
	chance  string // kinds of which where polls fall decides how often
}

// poll is long enough for each of two polls.
const poll = 2500 * time.Millisecond

// The rows of the document.
const (
	kinds      = "Kinds of notices since 2.8.0"
	rules      = "Rules since 2.8.0"
	fsdNotice  = "FSD notice on the primary"
	calForever = "`CAL` that has ended"
	waiting    = "Status `WAIT`, and no facts yet"
	unheard    = "NOCOMM of a UPS that was never heard"
	both       = "`OL` and `OB` at once"
)

const (
	secondary = "MONITOR $UPS1 1 second s3c secondary\n"
	two       = "MONITOR $UPS1 1 mon m0n primary\nMONITOR $UPS2 1 mon m0n primary\n"
)

func histories() []history {
	fsd := differs{who: weDo, kinds: "FSD", row: fsdNotice}
	return []history{
		// Power.
		{name: "outage and return", steps: []step{says("OB DISCHRG"), told("ONBATT"), says("OL CHRG"), told("ONLINE"), waits(poll)}},
		{name: "outage, low battery", steps: []step{says("OB DISCHRG"), told("ONBATT"), says("OB DISCHRG LB"), goesDown}, differs: []differs{fsd}},
		{name: "outage and low at once", steps: []step{says("OB LB"), goesDown}, differs: []differs{fsd}},
		{name: "low on line", steps: []step{says("OL LB"), told("LOWBATT"), waits(poll), says("OL"), waits(poll)}},
		{name: "low on line, then outage", steps: []step{says("OL LB"), told("LOWBATT"), says("OB LB"), goesDown}, differs: []differs{fsd}},
		{name: "low and nothing else", steps: []step{says("LB"), told("LOWBATT"), waits(poll)}},
		{name: "flapping", steps: repeat(3, says("OB"), told("ONBATT"), says("OL"), told("ONLINE"))},
		{name: "flapping faster than polls", steps: append(repeat(10, says("OB"), waits(150*time.Millisecond), says("OL"), waits(150*time.Millisecond)),
			waits(poll), says("OL LB"), told("LOWBATT"), waits(poll)), chance: "ONBATT ONLINE"},
		{name: "on line and on battery at once", steps: []step{says("OL OB"), waits(2 * poll)}, differs: []differs{
			{who: theyDo, kinds: "ONBATT* ONLINE*", row: both}, {who: weDo, kinds: "ONBATT", row: both},
		}},
		{name: "power returns too late", conf: "HOSTSYNC 6\n", steps: []step{
			guestComes, says("OB LB"), told("LOWBATT"), waits(time.Second), says("OL"), goesDown,
		}, differs: []differs{fsd, {who: weDo, kinds: "SHUTDOWN_HOSTSYNC", row: kinds}}},
		{name: "final delay", conf: "FINALDELAY 3\n", steps: []step{says("OB LB"), told("SHUTDOWN"), goesDown}, differs: []differs{fsd}},
		{
			name: "own words", conf: "NOTIFYMSG ONBATT \"%s has no 'mains' & runs\"\nNOTIFYMSG SHUTDOWN \"good bye\"\n",
			steps: []step{says("OB"), told("ONBATT"), says("OB LB"), goesDown}, differs: []differs{fsd},
		},

		// Forced.
		{name: "forced by hand", steps: []step{forces, goesDown}, differs: []differs{fsd}},
		{name: "forced by hand on battery", steps: []step{says("OB"), told("ONBATT"), forces, goesDown}, differs: []differs{fsd}},
		{name: "forced at the server", steps: []step{serverForces, goesDown}},
		{name: "forced by the UPS", steps: []step{says("FSD OB LB"), goesDown}},
		{name: "forced as a secondary", monitor: secondary, steps: []step{serverForces, goesDown}},
		{name: "a secondary forced by hand", monitor: secondary, steps: []step{forces, goesDown}},
		{name: "a secondary waits for its primary in vain", monitor: secondary, steps: []step{says("OB LB"), goesDown}},
		{name: "a secondary need not wait any more", monitor: secondary, steps: []step{
			says("OB LB"), told("LOWBATT"), waits(time.Second), says("OL"), told("ONLINE"), waits(2 * poll),
		}},
		{name: "a secondary on battery without a server", monitor: secondary, conf: "HOSTSYNC 10\n", steps: []step{says("OB"), told("ONBATT"), serverGoes, goesDown}},
		{name: "a secondary on battery without facts", monitor: secondary, conf: "HOSTSYNC 10\n", steps: []step{says("OB"), told("ONBATT"), loses, goesDown}},
		{name: "a secondary on battery, low, without facts", monitor: secondary, conf: "HOSTSYNC 10\n", steps: []step{says("OB LB"), told("ONBATT"), loses, goesDown}},
		{name: "a secondary that never leaves", steps: []step{guestComes, says("OB LB"), goesDown}, differs: []differs{
			fsd, {who: weDo, kinds: "SHUTDOWN_HOSTSYNC", row: kinds},
		}},
		{name: "a secondary that leaves", conf: "HOSTSYNC 15\n", steps: []step{
			guestComes, says("OB LB"), told("LOWBATT"), waits(poll), guestLeaves, goesDown,
		}, differs: []differs{fsd, {who: weDo, kinds: "SHUTDOWN_HOSTSYNC", row: kinds}}},

		// Contact.
		{name: "server gone on line", conf: "NOCOMMWARNTIME 3\n", steps: []step{serverGoes, told("COMMBAD", "NOCOMM"), serverComes, told("COMMOK"), waits(poll)}},
		{name: "server gone on battery", conf: "NOCOMMWARNTIME 4\nDEADTIME 6\n", steps: []step{says("OB"), told("ONBATT"), serverGoes, told("COMMBAD", "NOCOMM"), goesDown}, differs: []differs{fsd}},
		{name: "server gone on battery for a while", conf: "DEADTIME 15\n", steps: []step{
			says("OB"), told("ONBATT"), serverGoes, told("COMMBAD"), serverComes, told("COMMOK"), says("OL"), told("ONLINE"),
		}},
		{name: "stale on line", conf: "NOCOMMWARNTIME 3\n", steps: []step{loses, told("COMMBAD", "NOCOMM"), finds, told("COMMOK"), waits(poll)}},
		{name: "stale on battery", steps: []step{says("OB"), told("ONBATT"), loses, told("COMMBAD"), goesDown}, differs: []differs{fsd}},
		{name: "stale on battery for a while", conf: "DEADTIME 15\n", steps: []step{
			says("OB"), told("ONBATT"), loses, told("COMMBAD"), finds, told("COMMOK"), waits(poll),
		}},
		{name: "driver gone on line", steps: []step{driverGoes, told("COMMBAD"), driverComes, told("COMMOK"), waits(poll)}},
		{name: "driver gone on battery", steps: []step{says("OB"), told("ONBATT"), driverGoes, told("COMMBAD"), goesDown}, differs: []differs{fsd}},
		{name: "driver never ready on line", steps: []step{driverGoes, told("COMMBAD"), driverNeverReady, driverComes, waits(2 * poll)}, differs: []differs{
			{who: theyDo, kinds: "COMMOK", row: waiting},
		}},
		{name: "driver never ready on battery", steps: []step{
			says("OB"), told("ONBATT"), driverGoes, told("COMMBAD"), driverNeverReady, driverComes, waits(4 * poll),
		}, differs: []differs{{who: theyDo, kinds: "COMMOK", row: waiting}, {who: weDo, kinds: "FSD SHUTDOWN DOWN ENDS", row: waiting}}},
		{name: "driver ready late", steps: []step{
			driverGoes, told("COMMBAD"), driverNeverReady, driverComes, waits(2 * poll), driverGoes, waits(poll), driverReady, driverComes, told("COMMOK"), waits(poll),
		}, differs: []differs{{who: theyDo, kinds: "COMMOK COMMBAD", row: waiting}}},
		{name: "no status", steps: []step{says(""), told("COMMBAD"), says("OL"), told("COMMOK")}},
		{name: "no status on battery", steps: []step{says("OB"), told("ONBATT"), says(""), told("COMMBAD"), goesDown}, differs: []differs{fsd}},
		{name: "no such UPS", monitor: primary + "MONITOR none$UPS2 0 mon m0n primary\n", steps: []step{told("COMMBAD"), waits(2 * poll)}, differs: []differs{
			{who: theyDo, kinds: "NOCOMM", row: unheard},
		}},
		{
			name: "no such UPS for long", conf: "NOCOMMWARNTIME 4\n", monitor: primary + "MONITOR none$UPS2 0 mon m0n primary\n", steps: []step{told("COMMBAD", "NOCOMM")},
			chance: "NOCOMM",
		},
		{name: "wrong password", monitor: "MONITOR $UPS1 1 mon wrong primary\n", steps: []step{says("OB"), told("ONBATT"), says("OB LB"), goesDown}, differs: []differs{fsd}},
		{name: "the user of a secondary", monitor: "MONITOR $UPS1 1 second s3c primary\n", steps: []step{says("OB"), told("ONBATT"), says("OB LB"), goesDown}, differs: []differs{fsd}},

		// States.
		{name: "replace battery", steps: []step{says("OL RB"), told("REPLBATT"), told("REPLBATT"), says("OL"), waits(poll), says("OL RB"), told("REPLBATT")}},
		{name: "alarm and another", steps: []step{
			sets("one", "ups.alarm", "Fan failure"), says("ALARM OL"), waits(poll), sets("one", "ups.alarm", "No battery"), waits(poll), says("OL"), waits(poll),
		}, differs: []differs{{who: weDo, kinds: "ALARM ALARM NOTALARM", row: kinds}}},
		{name: "silence in alarm", steps: []step{says("ALARM OL"), waits(poll), loses, told("COMMBAD"), waits(poll)}, differs: []differs{
			{who: weDo, kinds: "ALARM", row: kinds}, {who: weDo, kinds: "FSD SHUTDOWN DOWN ENDS", row: rules},
		}},
		{name: "bypass", steps: []step{says("OL BYPASS"), waits(poll), says("OL"), waits(poll)}, differs: []differs{{who: weDo, kinds: "BYPASS NOTBYPASS", row: kinds}}},
		{name: "silence on bypass", steps: []step{says("OL BYPASS"), waits(poll), loses, told("COMMBAD"), waits(poll)}, differs: []differs{
			{who: weDo, kinds: "BYPASS", row: kinds}, {who: weDo, kinds: "FSD SHUTDOWN DOWN ENDS", row: rules},
		}},
		{name: "trim and boost", steps: []step{says("OL TRIM"), waits(poll), says("OL BOOST"), waits(poll), loses, told("COMMBAD"), waits(poll)}, differs: []differs{
			{who: weDo, kinds: "TRIM NOTTRIM BOOST", row: kinds},
		}},
		{name: "overload", steps: []step{says("OL OVER"), waits(poll), loses, told("COMMBAD"), waits(poll), finds, told("COMMOK"), says("OL"), waits(poll)}, differs: []differs{
			{who: weDo, kinds: "OVER NOTOVER", row: kinds},
		}},
		{name: "silence after overload", conf: "OVERDURATION 1\n", steps: []step{says("OL OVER"), waits(poll), loses, told("COMMBAD"), waits(poll)}, differs: []differs{
			{who: weDo, kinds: "OVER", row: kinds}, {who: weDo, kinds: "FSD SHUTDOWN DOWN ENDS", row: rules},
		}},
		{name: "off for a moment", steps: []step{says("OFF"), waits(poll), says("OL"), waits(poll)}, differs: []differs{{who: weDo, kinds: "OFF NOTOFF", row: kinds}}},
		{name: "off for OFFDURATION", conf: "OFFDURATION 2\n", steps: []step{says("OFF"), waits(2 * poll)}, differs: []differs{
			{who: weDo, kinds: "OFF", row: kinds}, {who: weDo, kinds: "FSD SHUTDOWN DOWN ENDS", row: rules},
		}},
		{name: "low for OBLBDURATION", conf: "OBLBDURATION 3\nHOSTSYNC 9\n", steps: []step{says("OB LB"), goesDown}, differs: []differs{
			fsd, {who: weDo, row: rules, later: 3 * time.Second},
		}},
		{name: "calibrating, low", steps: []step{says("OB CAL"), told("CAL", "ONBATT"), says("OB LB CAL"), told("LOWBATT"), waits(2 * poll)}},
		{name: "calibrated, then low", steps: []step{says("OB CAL"), told("CAL"), says("OL"), told("ONLINE"), says("OB LB"), told("LOWBATT"), waits(2 * poll)}, differs: []differs{
			{who: weDo, kinds: "NOTCAL", row: kinds}, {who: weDo, kinds: "FSD SHUTDOWN DOWN ENDS", row: calForever},
		}},
		{name: "silence while calibrating", steps: []step{says("OL CAL"), told("CAL"), loses, told("COMMBAD"), waits(poll)}, differs: []differs{
			{who: weDo, kinds: "FSD SHUTDOWN DOWN ENDS", row: rules},
		}},
		{name: "economy", steps: []step{sets("one", "ups.mode.buzzwords", "vendor:apc:HE"), waits(poll), sets("one", "ups.mode.buzzwords", ""), waits(poll)}, differs: []differs{
			{who: weDo, kinds: "ECO NOTECO", row: kinds},
		}},
		{name: "unknown words", steps: []step{says("OL TEST NONSENSE"), waits(poll), says("OL"), waits(poll)}, differs: []differs{{who: weDo, kinds: "OTHER NOTOTHER", row: kinds}}},
		{name: "words of no interest", steps: []step{says("OL CHRG HB DISCHRG"), waits(poll), says("HB"), waits(poll)}},

		// Supplies.
		{name: "one of two low, one needed", monitor: two, steps: []step{says("OB LB"), told("LOWBATT"), waits(2 * poll), says("OL"), told("ONLINE")}},
		{
			name: "both of two low, one needed", monitor: two, steps: []step{says("OB LB"), told("LOWBATT"), waits(poll), saysOf("two", "OB LB"), goesDown},
			differs: []differs{{who: weDo, kinds: "FSD FSD", row: fsdNotice}},
		},
		{
			name: "one of two low, two needed", monitor: two, conf: "MINSUPPLIES 2\n", steps: []step{says("OB LB"), goesDown},
			differs: []differs{{who: weDo, kinds: "FSD FSD", row: fsdNotice}},
		},
		{name: "one back before the other is low", monitor: two, steps: []step{
			says("OB LB"), told("LOWBATT"), says("OL"), told("ONLINE"), saysOf("two", "OB LB"), told("LOWBATT"), waits(2 * poll),
		}},
		{name: "one dead, the other low", monitor: two, steps: []step{
			says("OB"), told("ONBATT"), loses, told("COMMBAD"), waits(3 * poll), saysOf("two", "OB LB"), goesDown,
		}, differs: []differs{{who: weDo, kinds: "FSD FSD", row: fsdNotice}}},
		{name: "one forced, one healthy", monitor: two, steps: []step{serverForces, told("FSD"), waits(2 * poll)}},
		{name: "forced by hand with two", monitor: two, steps: []step{forces, goesDown}, differs: []differs{{who: weDo, kinds: "FSD FSD", row: fsdNotice}}},
		{name: "watched only", monitor: primary + "MONITOR $UPS2 0 mon m0n primary\n", steps: []step{
			saysOf("two", "OB LB"), told("LOWBATT"), waits(2 * poll),
		}},
		{name: "watched only, and nothing needed", monitor: "MONITOR $UPS1 0 mon m0n primary\n", conf: "MINSUPPLIES 0\n", steps: []step{
			says("OB LB"), told("LOWBATT"), waits(2 * poll),
		}},

		// The end.
		{name: "who stays after SHUTDOWNCMD", conf: "SHUTDOWNEXIT no\n", steps: []step{says("OB LB"), goesDown}, differs: []differs{
			fsd, {who: theyDo, kinds: "ENDS", row: rules},
		}},
	}
}
