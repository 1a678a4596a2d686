package conf

// UPSConf is ups.conf. What a driver's own settings are, only the driver knows.
var UPSConf = &Format{
	Name: "ups.conf", Style: Sections, open: true, merge: true, purpose: "UPS",
	rules: append([]rule{
		{name: "chroot", about: "a folder that drivers take for the root", usage: "folder", min: 1, args: []kind{anything}},
		{name: "driverpath", about: "where NUT's drivers are", usage: "folder", min: 1, args: []kind{anything}},
		{name: "statepath", about: "where the sockets of drivers are", usage: "folder", min: 1, args: []kind{anything}},
	}, inherited...),
	inside: append([]rule{
		{name: "driver", about: "the driver: one of ours, or else NUT's of that name", usage: "name", min: 1, args: []kind{anything}},
		{name: "port", about: "where the device is; auto where the driver finds it by itself", usage: "where the device is", min: 1, args: []kind{anything}},
		{name: "desc", about: "a text for people", usage: `"text"`, min: 1, args: []kind{anything}},
		{name: "sdorder", about: "when its power is cut among others: lowest first, -1 for never (0)", usage: "number", min: 1, args: []kind{integer}},
		{name: "sdcommands", about: "the commands that cut the power, tried in this order", usage: "command,command", min: 1, args: []kind{anything}},
		{name: "allow_killpower", about: "whether driver.killpower is obeyed", flag: true, args: []kind{boolean}},
		{name: "nolock", about: "whether serial lines are not locked", flag: true, args: []kind{boolean}},
		{name: "ignorelb", about: "whether LB is made of battery.charge.low and battery.runtime.low instead of taken from the device", flag: true, args: []kind{boolean}},
		{name: "default.*", about: "the value of a variable where the device gives none", usage: "value", min: 1, args: []kind{anything}},
		{name: "override.*", about: "the value of a variable, whatever the device says", usage: "value", min: 1, args: []kind{anything}},
		{name: "sddelay", obsolete: "NUT ignores it; the driver's own setting, such as ondelay or offdelay, takes its place"},
	}, inherited...),
}

// inherited may stand before all sections, and in one, where it counts more.
var inherited = []rule{
	{name: "maxstartdelay", about: "seconds that a driver may take to be ready (75)", usage: "seconds", min: 1, args: []kind{seconds}},
	{name: "maxretry", about: "how often upsdrvctl tries to start a driver (1)", usage: "number", min: 1, args: []kind{number}},
	{name: "retrydelay", about: "seconds between these (5)", usage: "seconds", min: 1, args: []kind{seconds}},
	{name: "nowait", about: "whether upsdrvctl does not wait for drivers to be ready", flag: true, args: []kind{boolean}},
	{name: "pollinterval", about: "seconds between two looks at the device (2)", usage: "seconds", min: 1, args: []kind{period}},
	{name: "synchronous", idle: true, about: "of no effect here", usage: "yes|no|auto", min: 1, args: []kind{either(boolean, "auto")}},
	{name: "reconnect_max_tries", idle: true, about: "of no effect here: reconnecting has no end", usage: "number", min: 1, args: []kind{integer}},
	{name: "reconnect_report_freq", idle: true, about: "of no effect here", usage: "number", min: 1, args: []kind{integer}},
	{name: "user", about: "the user that a driver program runs as", usage: "name", min: 1, args: []kind{anything}},
	{name: "group", about: "the group that may use a driver's socket", usage: "name", min: 1, args: []kind{anything}},
	{name: "debug_min", about: "how much a driver program logs at least", usage: "level", min: 1, args: []kind{number}},
	{name: "LIBUSB_DEBUG", about: "how much libusb logs, in NUT's drivers", usage: "level", min: 1, args: []kind{number}},
}

// useListen is what NUT's own message says, too.
const useListen = "NUT has had no access lists since 2.4: say with LISTEN where to listen, and keep others out with a firewall"

// UPSDConf is upsd.conf. Behind the port of LISTEN, wattnut takes words of its
// own, which NUT ignores.
var UPSDConf = &Format{
	Name: "upsd.conf", Style: Lines,
	rules: []rule{
		{name: "MAXAGE", about: "seconds after which data that was not confirmed is stale (15)", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "TRACKINGDELAY", about: "seconds that the outcome of an order is kept (3600)", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "ALLOW_NO_DEVICE", about: "whether to run without a UPS in ups.conf (no)", usage: "yes|no", min: 1, args: []kind{boolean}},
		{name: "ALLOW_NOT_ALL_LISTENERS", about: "whether to run where not all of LISTEN can be had (no)", usage: "yes|no", min: 1, args: []kind{boolean}},
		{name: "MAXCONN", about: "how many clients may be connected at once (1024)", usage: "number", min: 1, args: []kind{number}},
		{name: "STATEPATH", about: "where the sockets of drivers are", usage: "folder", min: 1, args: []kind{anything}},
		{name: "DATAPATH", about: "where cmdvartab is", usage: "folder", min: 1, args: []kind{anything}},
		{
			name: "LISTEN", about: "where to serve; once for each address. Behind the port, and ours: whether clients must use TLS, or a known user to read", usage: "address [port] [tls-required] [no-anonymous]", min: 1,
			args: []kind{anything, anything, anything}, more: true,
		},
		{name: "CERTFILE", about: "a file with the server's certificate, what it is signed by, and its key", usage: "file", min: 1, args: []kind{anything}},
		{name: "CERTPATH", about: "the authorities that certificates of clients are trusted by", usage: "folder", min: 1, args: []kind{anything}},
		{name: "CERTIDENT", idle: true, about: "a name in a database of NSS; not used, CERTFILE is", usage: "name password", min: 2, args: []kind{anything, anything}, secret: true},
		{name: "CERTREQUEST", about: "whether clients are asked for a certificate, or must have one", usage: "NO|REQUEST|REQUIRE", min: 1, args: []kind{oneOf("NO", "REQUEST", "REQUIRE", "0", "1", "2")}},
		{name: "DISABLE_WEAK_SSL", idle: true, about: "accepted; TLS below 1.2 is never spoken", usage: "yes|no", min: 1, args: []kind{boolean}},
		{name: "DEBUG_MIN", about: "how much is logged at least (0)", usage: "level", min: 1, args: []kind{number}},
		{name: "ACCEPT", obsolete: useListen},
		{name: "REJECT", obsolete: useListen},
		{name: "ACL", obsolete: useListen},
		{name: "ALLOWFROM", obsolete: useListen},
	},
}

// ListenWords are the words that wattnut takes behind LISTEN's address and
// port. Clients of that listener must use TLS before anything but STARTTLS,
// HELP, VER and the like; or must give a known user before they may read.
var ListenWords = []string{"tls-required", "no-anonymous"}

// UPSDUsers is upsd.users.
var UPSDUsers = &Format{
	Name: "upsd.users", Style: Sections, secret: true, purpose: "user",
	inside: []rule{
		{name: "password", about: "in clear, or ours: as a bcrypt hash", usage: "word", min: 1, args: []kind{anything}},
		{name: "actions", about: "what else the user may do: set variables, force a shutdown", usage: "SET|FSD", min: 1, args: []kind{hinted("SET", "FSD", "LOGIN", "PRIMARY", "MASTER")}, more: true},
		{name: "instcmds", about: "the commands that the user may give; once for each, or ALL", usage: "command|ALL", min: 1, args: []kind{anything}, more: true},
		{name: "upsmon", about: "that it is an upsmon which logs in so, and which kind", usage: "primary|secondary", min: 1, bare: true, args: []kind{oneOf("primary", "master", "secondary", "slave")}},
		{name: "allowfrom", obsolete: useListen},
	},
}
