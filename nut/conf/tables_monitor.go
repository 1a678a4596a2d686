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
			name: "MONITOR", usage: "ups@host[:port] power-value user password primary|secondary", min: 5, secret: true,
			args: []kind{anything, number, anything, anything, oneOf("primary", "master", "secondary", "slave")},
		},
		{name: "MINSUPPLIES", usage: "number", min: 1, args: []kind{number}},
		{name: "SHUTDOWNCMD", usage: "command", min: 1, more: true},
		{name: "NOTIFYCMD", usage: "command", min: 1, more: true},
		{name: "NOTIFYMSG", usage: `type "text"`, min: 2, args: []kind{oneOf(notifyTypes...), anything}},
		{
			name: "NOTIFYFLAG", usage: "type SYSLOG+WALL+EXEC|IGNORE", min: 2,
			args: []kind{oneOf(notifyTypes...), flags("SYSLOG", "WALL", "EXEC", "IGNORE")},
		},
		{name: "POLLFREQ", usage: "seconds", min: 1, args: []kind{period}},
		{name: "POLLFREQALERT", usage: "seconds", min: 1, args: []kind{period}},
		{name: "HOSTSYNC", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "DEADTIME", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "RBWARNTIME", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "NOCOMMWARNTIME", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "POLLFAIL_LOG_THROTTLE_MAX", usage: "number", min: 1, args: []kind{integer}},
		{name: "OFFDURATION", usage: "seconds", min: 1, args: []kind{integer}},
		{name: "OVERDURATION", usage: "seconds", min: 1, args: []kind{integer}},
		{name: "OBLBDURATION", usage: "seconds", min: 1, args: []kind{integer}},
		{name: "ALARMCRITICAL", usage: "0|1", min: 1, args: []kind{boolean}},
		{name: "FINALDELAY", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "POWERDOWNFLAG", usage: "file", min: 1, args: []kind{anything}},
		{name: "SHUTDOWNEXIT", usage: "yes|no|seconds", min: 1, args: []kind{either(seconds, "yes", "no", "true", "false", "on", "off")}},
		{name: "RUN_AS_USER", usage: "user", min: 1, args: []kind{anything}},
		{name: "CERTPATH", usage: "folder", min: 1, args: []kind{anything}},
		{name: "CERTFILE", usage: "file", min: 1, args: []kind{anything}},
		{name: "CERTIDENT", usage: "name password", min: 2, args: []kind{anything, anything}, secret: true},
		{
			name: "CERTHOST", usage: "host certificate-name verify force", min: 4,
			args: []kind{anything, anything, either(boolean, "-1"), either(boolean, "-1")},
		},
		{name: "CERTVERIFY", usage: "0|1", min: 1, args: []kind{boolean}},
		{name: "FORCESSL", usage: "0|1", min: 1, args: []kind{boolean}},
		{name: "DEBUG_MIN", usage: "level", min: 1, args: []kind{number}},
		// These are not NUT's, which ignores them with a warning.
		{name: "SHUTDOWN_WHEN", usage: "ups@host|* ONBATTERY seconds|CHARGE percent|RUNTIME seconds ...", min: 3, more: true, check: checkWhen},
		{name: "LOWBATT_AGREE", usage: "ups@host|* [CHARGE percent] [RUNTIME seconds] [FOR seconds]", min: 1, more: true, check: checkAgree},
		{name: "LOSTTIME", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "SHUTDOWN_BY", usage: "COMMAND|LOGIND|EXIT", min: 1, args: []kind{oneOf("COMMAND", "LOGIND", "EXIT")}},
		{name: "SHUTDOWN_IF_LOST", usage: "yes|no", min: 1, args: []kind{boolean}},
		{name: "UPSSCHED", usage: "INSIDE|PROGRAM", min: 1, args: []kind{oneOf("INSIDE", "PROGRAM")}},
	},
}

// UPSSchedConf is upssched.conf.
var UPSSchedConf = &Format{
	Name: "upssched.conf", Style: Lines,
	rules: []rule{
		{name: "CMDSCRIPT", usage: "command", min: 1, more: true},
		{name: "PIPEFN", usage: "file", min: 1, args: []kind{anything}},
		{name: "LOCKFN", usage: "file", min: 1, args: []kind{anything}},
		{name: "DEBUG_MIN", usage: "level", min: 1, args: []kind{number}},
		{
			name: "AT", usage: "type ups|* START-TIMER|CANCEL-TIMER|EXECUTE ...", min: 4, more: true, check: checkAt,
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
