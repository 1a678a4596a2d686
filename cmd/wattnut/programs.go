package main

// programs lists what this binary can be called as.
func programs() []program {
	return append([]program{
		{"agent", "run the UPSes of ups.conf, serve them, and show them on the web", runAgent},
		{"check", "say what is wrong with the configuration", runCheck},
		{"demo", "run simulated UPSes, with nothing to configure", runDemo},
		{"upsc", "show what a UPS server says", runUpsc},
		{"upscmd", "order a UPS to do something", runUpscmd},
		{"upsd", "serve the UPSes whose drivers run by themselves", runUpsd},
		{"upsdrvctl", "start and end the drivers of ups.conf", runUpsdrvctl},
		{"upslog", "write what UPSes say to files", runUpslog},
		{"upsmon", "shut this host down before its UPSes run dry", runUpsmon},
		{"upsrw", "set variables of a UPS", runUpsrw},
		{"upssched", "run commands at events of UPSes, at once or later", runUpssched},
		{"version", "tell what this binary is", runVersion},
	}, driverPrograms()...)
}
