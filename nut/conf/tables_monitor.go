package conf

import "strings"

// notifyTypes are the events that upsmon tells of.
var notifyTypes = []string{
	"ONLINE", "ONBATT", "LOWBATT", "COMMOK", "COMMBAD", "NOCOMM", "FSD", "SHUTDOWN", "SHUTDOWN_HOSTSYNC", "NOPARENT", "REPLBATT",
	"CAL", "NOTCAL", "OFF", "NOTOFF", "BYPASS", "NOTBYPASS", "ECO", "NOTECO", "ALARM", "NOTALARM", "OVER", "NOTOVER",
	"TRIM", "NOTTRIM", "BOOST", "NOTBOOST", "OTHER", "NOTOTHER",
	"SUSPEND_STARTING", "SUSPEND_FINISHED", "SUSPEND_TIMEJUMP_UNEXPECTED",
}

// UPSMonConf is upsmon.conf.
var UPSMonConf = &Format{
	Name: "upsmon.conf", Style: Lines,
	rules: []rule{
		{
			name: "MONITOR", about: "a UPS that feeds this host: how many of its power supplies, as whom to log in, and whether this host goes down last (primary) or is told by another (secondary); once for each UPS", usage: "ups@host[:port] power-value user password primary|secondary", min: 5, secret: true,
			args: []kind{anything, number, anything, anything, oneOf("primary", "master", "secondary", "slave")},
		},
		{name: "MINSUPPLIES", about: "how many power supplies must be fed for this host to stay up (1)", usage: "number", min: 1, args: []kind{number}},
		{name: "SHUTDOWNCMD", about: "the command that ends this host; run by root, and by a shell", usage: "command", min: 1, more: true},
		{name: "NOTIFYCMD", about: "the command that is run at events whose NOTIFYFLAG has EXEC, with UPSNAME and NOTIFYTYPE in the environment", usage: "command", min: 1, more: true},
		{name: "NOTIFYMSG", about: "the text for an event; %s stands for the UPS, or as %1$s, and %2$s for what is particular", usage: `type "text"`, min: 2, args: []kind{oneOf(notifyTypes...), anything}},
		{
			name: "NOTIFYFLAG", about: "whom an event is told: the log, all who are logged in, NOTIFYCMD, or nobody", usage: "type SYSLOG+WALL+EXEC|IGNORE", min: 2,
			args: []kind{oneOf(notifyTypes...), flags("SYSLOG", "WALL", "EXEC", "IGNORE")},
		},
		{name: "POLLFREQ", about: "seconds between two looks at each UPS (5)", usage: "seconds", min: 1, args: []kind{period}},
		{name: "POLLFREQALERT", about: "the same while a UPS is on battery (5)", usage: "seconds", min: 1, args: []kind{period}},
		{name: "HOSTSYNC", about: "seconds that a primary waits for its secondaries to go, and a secondary for the word of its primary (15)", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "DEADTIME", about: "seconds without data after which a UPS is taken for dead, and for critical if it was on battery (15)", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "RBWARNTIME", about: "seconds between two reminders to replace a battery (43200)", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "NOCOMMWARNTIME", about: "seconds between two reminders that nothing is heard from a UPS (300)", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "POLLFAIL_LOG_THROTTLE_MAX", about: "of the polls that fail in a row, one of so many is logged; 0 for changes only, -1 for all", usage: "number", min: 1, args: []kind{integer}},
		{name: "OFFDURATION", about: "seconds of OFF without OB after which a UPS counts as critical; negative for never", usage: "seconds", min: 1, args: []kind{integer}},
		{name: "OVERDURATION", about: "seconds of OVER after which a UPS that falls silent counts as critical; negative for never", usage: "seconds", min: 1, args: []kind{integer}},
		{name: "OBLBDURATION", about: "seconds that OB and LB must last together before they count (0)", usage: "seconds", min: 1, args: []kind{integer}},
		{name: "ALARMCRITICAL", about: "whether a UPS that was lost with an ALARM standing counts as critical (1)", usage: "0|1", min: 1, args: []kind{boolean}},
		{name: "FINALDELAY", about: "seconds between the last warning and SHUTDOWNCMD (5)", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "POWERDOWNFLAG", about: "the file that tells the late hook to have the UPS cut the power", usage: "file", min: 1, args: []kind{anything}},
		{name: "SHUTDOWNEXIT", about: "whether upsmon ends once SHUTDOWNCMD has begun, or after so many seconds (yes)", usage: "yes|no|seconds", min: 1, args: []kind{either(seconds, "yes", "no", "true", "false", "on", "off")}},
		{name: "RUN_AS_USER", about: "the user that everything but the small part of root is run as (nut)", usage: "user", min: 1, args: []kind{anything}},
		{name: "CERTPATH", about: "a folder, or with us also a file, of the authorities that servers are trusted by", usage: "folder", min: 1, args: []kind{anything}},
		{name: "CERTFILE", about: "a file with the certificate and key that this host shows to servers", usage: "file", min: 1, args: []kind{anything}},
		{name: "CERTIDENT", idle: true, about: "a name in a database of NSS, and its password; CERTFILE takes its place here", usage: "name password", min: 2, args: []kind{anything, anything}, secret: true},
		{
			name: "CERTHOST", about: "what is asked of one server: its certificate's name, whether it is verified, whether TLS must be", usage: "host certificate-name verify force", min: 4,
			args: []kind{anything, anything, either(boolean, "-1"), either(boolean, "-1")},
		},
		{name: "CERTVERIFY", about: "whether certificates of servers must be good (0)", usage: "0|1", min: 1, args: []kind{boolean}},
		{name: "FORCESSL", about: "whether servers must speak TLS (0)", usage: "0|1", min: 1, args: []kind{boolean}},
		{name: "DEBUG_MIN", about: "how much is logged at least (0)", usage: "level", min: 1, args: []kind{number}},
		// These are not NUT's, which ignores them with a warning.
		{name: "SHUTDOWN_WHEN", about: "shut down before the UPS says that its battery is low: after a time on battery, at a charge, at a runtime; ours, which NUT ignores", usage: "ups@host|* ONBATTERY seconds|CHARGE percent|RUNTIME seconds ...", min: 3, more: true, check: checkWhen},
		{name: "LOWBATT_AGREE", about: "believe LB only where the charge or the runtime says so too, for so long; ours", usage: "ups@host|* [CHARGE percent] [RUNTIME seconds] [FOR seconds]", min: 1, more: true, check: checkAgree},
		{name: "LOSTTIME", about: "seconds that contact must have been lost before silence counts against a UPS that was overloaded, in alarm, calibrating, bypassed or off (0); ours", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "SHUTDOWN_BY", about: "how the host is ended: by SHUTDOWNCMD, by logind over D-Bus, or by ending with a code, for containers; ours", usage: "COMMAND|LOGIND|EXIT", min: 1, args: []kind{oneOf("COMMAND", "LOGIND", "EXIT")}},
		{name: "SHUTDOWN_IF_LOST", about: "whether the host is ended if the process that watches dies for good while the battery is low (yes); ours", usage: "yes|no", min: 1, args: []kind{boolean}},
		{name: "UPSSCHED", about: "whether upssched.conf is carried out inside, or by running upssched as NUT does (INSIDE); ours", usage: "INSIDE|PROGRAM", min: 1, args: []kind{oneOf("INSIDE", "PROGRAM")}},
	},
}

// UPSSchedConf is upssched.conf.
var UPSSchedConf = &Format{
	Name: "upssched.conf", Style: Lines,
	rules: []rule{
		{name: "CMDSCRIPT", about: "the command that is run with the name of an order, or of a timer that has run out", usage: "command", min: 1, more: true},
		{name: "PIPEFN", about: "the socket by which upssched finds the process with the timers", usage: "file", min: 1, args: []kind{anything}},
		{name: "LOCKFN", about: "the file that keeps two from starting that process at once", usage: "file", min: 1, args: []kind{anything}},
		{name: "DEBUG_MIN", about: "how much is logged at least (0)", usage: "level", min: 1, args: []kind{number}},
		{
			name: "AT", about: "at an event of a UPS, or of all (*): start or cancel a timer, or execute", usage: "type ups|* START-TIMER|CANCEL-TIMER|EXECUTE ...", min: 4, more: true, check: checkAt,
			args: []kind{oneOf(notifyTypes...), anything, anything},
		},
	},
}

// schedCommands are what upssched can do at an event, and the words behind
// it: at least, at most.
var schedCommands = map[string][2]int{
	"START-TIMER":          {2, 2},
	"START-TIMER-SHARED":   {2, 2},
	"CANCEL-TIMER":         {1, 2},
	"CANCEL-TIMER-MATCHED": {1, 2},
	"EXECUTE":              {1, 1},
}

// checkAt checks what follows AT's type and UPS.
func checkAt(args []string) string {
	command, rest := args[2], args[3:]
	limits, ok := schedCommands[command]
	switch {
	case !ok:
		return "its command is none of START-TIMER, START-TIMER-SHARED, CANCEL-TIMER, CANCEL-TIMER-MATCHED, EXECUTE"
	case len(rest) < limits[0]:
		return command + " needs a timer's name and its seconds"
	case len(rest) > limits[1]:
		return command + " has too many words behind it"
	case strings.HasPrefix(command, "START"):
		if _, usable := seconds(rest[1]); !usable {
			return command + " needs its seconds as a number"
		}
	}
	return ""
}
