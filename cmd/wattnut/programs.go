package main

// programs lists what this binary can be called as.
func programs() []program {
	return []program{
		{"agent", "run the UPSes of ups.conf, serve them, and show them on the web", runAgent},
		{"check", "say what is wrong with the configuration", runCheck},
		{"demo", "run simulated UPSes, with nothing to configure", runDemo},
		{"upsd", "serve the UPSes whose drivers run by themselves", runUpsd},
		{"version", "tell what this binary is", runVersion},
	}
}
