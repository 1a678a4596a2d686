package conf

// UPSConf is ups.conf. What a driver's own settings are, only the driver knows.
var UPSConf = &Format{
	Name: "ups.conf", Style: Sections, open: true, merge: true, purpose: "UPS",
	rules: append([]rule{
		{name: "chroot", usage: "folder", min: 1, args: []kind{anything}},
		{name: "driverpath", usage: "folder", min: 1, args: []kind{anything}},
		{name: "statepath", usage: "folder", min: 1, args: []kind{anything}},
	}, inherited...),
	inside: append([]rule{
		{name: "driver", usage: "name", min: 1, args: []kind{anything}},
		{name: "port", usage: "where the device is", min: 1, args: []kind{anything}},
		{name: "desc", usage: `"text"`, min: 1, args: []kind{anything}},
		{name: "sdorder", usage: "number", min: 1, args: []kind{integer}},
		{name: "sdcommands", usage: "command,command", min: 1, args: []kind{anything}},
		{name: "allow_killpower", flag: true, args: []kind{boolean}},
		{name: "nolock", flag: true, args: []kind{boolean}},
		{name: "ignorelb", flag: true, args: []kind{boolean}},
		{name: "default.*", usage: "value", min: 1, args: []kind{anything}},
		{name: "override.*", usage: "value", min: 1, args: []kind{anything}},
		{name: "sddelay", obsolete: "NUT ignores it; the driver's own setting, such as ondelay or offdelay, takes its place"},
	}, inherited...),
}

// inherited may stand before all sections, and in one, where it counts more.
var inherited = []rule{
	{name: "maxstartdelay", usage: "seconds", min: 1, args: []kind{seconds}},
	{name: "maxretry", usage: "number", min: 1, args: []kind{number}},
	{name: "retrydelay", usage: "seconds", min: 1, args: []kind{seconds}},
	{name: "nowait", flag: true, args: []kind{boolean}},
	{name: "pollinterval", usage: "seconds", min: 1, args: []kind{period}},
	{name: "synchronous", usage: "yes|no|auto", min: 1, args: []kind{either(boolean, "auto")}},
	{name: "reconnect_max_tries", usage: "number", min: 1, args: []kind{integer}},
	{name: "reconnect_report_freq", usage: "number", min: 1, args: []kind{integer}},
	{name: "user", usage: "name", min: 1, args: []kind{anything}},
	{name: "group", usage: "name", min: 1, args: []kind{anything}},
	{name: "debug_min", usage: "level", min: 1, args: []kind{number}},
	{name: "LIBUSB_DEBUG", usage: "level", min: 1, args: []kind{number}},
}

// useListen is what NUT's own message says, too.
const useListen = "NUT has had no access lists since 2.4: say with LISTEN where to listen, and keep others out with a firewall"

// UPSDConf is upsd.conf. Behind the port of LISTEN, wattnut takes words of its
// own, which NUT ignores.
var UPSDConf = &Format{
	Name: "upsd.conf", Style: Lines,
	rules: []rule{
		{name: "MAXAGE", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "TRACKINGDELAY", usage: "seconds", min: 1, args: []kind{seconds}},
		{name: "ALLOW_NO_DEVICE", usage: "yes|no", min: 1, args: []kind{boolean}},
		{name: "ALLOW_NOT_ALL_LISTENERS", usage: "yes|no", min: 1, args: []kind{boolean}},
		{name: "MAXCONN", usage: "number", min: 1, args: []kind{number}},
		{name: "STATEPATH", usage: "folder", min: 1, args: []kind{anything}},
		{name: "DATAPATH", usage: "folder", min: 1, args: []kind{anything}},
		{
			name: "LISTEN", usage: "address [port] [tls-required] [no-anonymous]", min: 1,
			args: []kind{anything, anything, anything}, more: true,
		},
		{name: "CERTFILE", usage: "file", min: 1, args: []kind{anything}},
		{name: "CERTPATH", usage: "folder", min: 1, args: []kind{anything}},
		{name: "CERTIDENT", usage: "name password", min: 2, args: []kind{anything, anything}, secret: true},
		{name: "CERTREQUEST", usage: "NO|REQUEST|REQUIRE", min: 1, args: []kind{oneOf("NO", "REQUEST", "REQUIRE", "0", "1", "2")}},
		{name: "DISABLE_WEAK_SSL", usage: "yes|no", min: 1, args: []kind{boolean}},
		{name: "DEBUG_MIN", usage: "level", min: 1, args: []kind{number}},
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
		{name: "password", usage: "word", min: 1, args: []kind{anything}},
		{name: "actions", usage: "SET|FSD", min: 1, args: []kind{hinted("SET", "FSD", "LOGIN", "PRIMARY", "MASTER")}, more: true},
		{name: "instcmds", usage: "command|ALL", min: 1, args: []kind{anything}, more: true},
		{name: "upsmon", usage: "primary|secondary", min: 1, bare: true, args: []kind{oneOf("primary", "master", "secondary", "slave")}},
		{name: "allowfrom", obsolete: useListen},
	},
}
