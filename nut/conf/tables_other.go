package conf

// NUTConf is nut.conf, which shells read.
var NUTConf = &Format{
	Name: "nut.conf", Style: Shell,
	rules: []rule{
		{name: "MODE", min: 1, usage: "none|standalone|netserver|netclient", args: []kind{
			oneOf("none", "standalone", "netserver", "netclient", "controlled", "manual"),
		}},
		{name: "ALLOW_NO_DEVICE", min: 1, usage: "true|false", args: []kind{boolean}},
		{name: "ALLOW_NOT_ALL_LISTENERS", min: 1, usage: "true|false", args: []kind{boolean}},
		{name: "UPSD_OPTIONS", min: 1, args: []kind{anything}},
		{name: "UPSMON_OPTIONS", min: 1, args: []kind{anything}},
		{name: "POWEROFF_WAIT", min: 1, args: []kind{anything}},
		{name: "POWEROFF_QUIET", min: 1, usage: "true|false", args: []kind{either(boolean, "")}},
		{name: "NUT_*", min: 1, args: []kind{anything}},
	},
}

// UPSLogConf is upslog.conf, which a service unit reads.
var UPSLogConf = &Format{
	Name: "upslog.conf", Style: Shell,
	rules: []rule{{name: "UPSLOG_ARGS", min: 1, args: []kind{anything}}},
}

// HostsConf is hosts.conf, the list of the web pages' UPSes.
var HostsConf = &Format{
	Name: "hosts.conf", Style: Lines,
	rules: []rule{
		{name: "MONITOR", usage: `ups@host "text"`, min: 2, args: []kind{anything, anything}},
		{name: "CUSTOM_TEMPLATE_LIST", usage: "file ...", min: 1, more: true},
		{name: "CUSTOM_TEMPLATE_SINGLE", usage: "file ...", min: 1, more: true},
	},
}

// UPSSetConf is upsset.conf: one directive, by which its owner says that the
// folder is safe.
var UPSSetConf = &Format{
	Name: "upsset.conf", Style: Lines,
	rules: []rule{{name: "I_HAVE_SECURED_MY_CGI_DIRECTORY"}},
}

// CmdVarTab is cmdvartab, what variables and commands mean.
var CmdVarTab = &Format{
	Name: "cmdvartab", Style: Lines,
	rules: []rule{
		{name: "VARDESC", usage: `variable "text"`, min: 2, args: []kind{anything, anything}},
		{name: "CMDDESC", usage: `command "text"`, min: 2, args: []kind{anything, anything}},
	},
}
