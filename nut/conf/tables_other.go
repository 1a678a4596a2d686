package conf

// NUTConf is nut.conf, which shells read.
var NUTConf = &Format{
	Name: "nut.conf", Style: Shell,
	rules: []rule{
		{name: "MODE", about: "none keeps NUT's services, and our late hook, from doing anything", min: 1, usage: "none|standalone|netserver|netclient", args: []kind{
			oneOf("none", "standalone", "netserver", "netclient", "controlled", "manual"),
		}},
		{name: "ALLOW_NO_DEVICE", about: "as in upsd.conf", min: 1, usage: "true|false", args: []kind{boolean}},
		{name: "ALLOW_NOT_ALL_LISTENERS", about: "as in upsd.conf", min: 1, usage: "true|false", args: []kind{boolean}},
		{name: "UPSD_OPTIONS", idle: true, about: "words for upsd, for service scripts", min: 1, args: []kind{anything}},
		{name: "UPSMON_OPTIONS", idle: true, about: "words for upsmon, for service scripts", min: 1, args: []kind{anything}},
		{name: "POWEROFF_WAIT", about: "how long the late hook waits for the power to go before it starts the host again: what sleep takes; without it, it does not wait", min: 1, args: []kind{anything}},
		{name: "POWEROFF_QUIET", about: "whether the late hook says nothing", min: 1, usage: "true|false", args: []kind{either(boolean, "")}},
		{name: "NUT_*", about: "a variable of the environment, for service scripts", min: 1, args: []kind{anything}},
	},
}

// UPSLogConf is upslog.conf, which a service unit reads.
var UPSLogConf = &Format{
	Name: "upslog.conf", Style: Shell,
	rules: []rule{{name: "UPSLOG_ARGS", about: "words for upslog, for service units", min: 1, args: []kind{anything}}},
}

// HostsConf is hosts.conf, the list of the web pages' UPSes.
var HostsConf = &Format{
	Name: "hosts.conf", Style: Lines,
	rules: []rule{
		{name: "MONITOR", idle: true, about: "a UPS for NUT's web pages; not used", usage: `ups@host "text"`, min: 2, args: []kind{anything, anything}},
		{name: "CUSTOM_TEMPLATE_LIST", idle: true, about: "pages of NUT's web programs; not used", usage: "file ...", min: 1, more: true},
		{name: "CUSTOM_TEMPLATE_SINGLE", idle: true, about: "pages of NUT's web programs; not used", usage: "file ...", min: 1, more: true},
	},
}

// UPSSetConf is upsset.conf: one directive, by which its owner says that the
// folder is safe.
var UPSSetConf = &Format{
	Name: "upsset.conf", Style: Lines,
	rules: []rule{{name: "I_HAVE_SECURED_MY_CGI_DIRECTORY", idle: true, about: "for NUT's web programs; not used"}},
}

// CmdVarTab is cmdvartab, what variables and commands mean.
var CmdVarTab = &Format{
	Name: "cmdvartab", Style: Lines,
	rules: []rule{
		{name: "VARDESC", about: "what a variable is described as", usage: `variable "text"`, min: 2, args: []kind{anything, anything}},
		{name: "CMDDESC", about: "what a command is described as", usage: `command "text"`, min: 2, args: []kind{anything, anything}},
	},
}
