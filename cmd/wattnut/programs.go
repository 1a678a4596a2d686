package main

// programs lists what this binary can be called as.
func programs() []program {
	return append([]program{
		{"agent", "run the UPSes of ups.conf, serve them, and show them on the web", agentManual, runAgent},
		{"check", "say what is wrong with the configuration", checkManual, runCheck},
		{"completion", "write what a shell needs to complete the words of all this", completionManual, runCompletion},
		{"demo", "run simulated UPSes, with nothing to configure", demoManual, runDemo},
		{"health", "ask an agent whether it serves", healthManual, runHealth},
		{"man", "write the manual page of a program", manManual, runMan},
		{"migrate", "tell what changes if wattnut takes over from NUT or apcupsd", migrateManual, runMigrate},
		{"nut-scanner", "look for UPSes, by NUT's options", nutScannerManual, runNutScanner},
		{"scan", "look for UPSes, and write a configuration for them", scanManual, runScan},
		{"simulate", "play a UPS in the protocol of a real one", simulateManual, runSimulate},
		{"support-bundle", "collect what a report of a mistake needs, without secrets", supportManual, runSupport},
		{"upsc", "show what a UPS server says", upscManual, runUpsc},
		{"upscmd", "order a UPS to do something", upscmdManual, runUpscmd},
		{"upsd", "serve the UPSes whose drivers run by themselves", upsdManual, runUpsd},
		{"upsdrvctl", "start and end the drivers of ups.conf", upsdrvctlManual, runUpsdrvctl},
		{"upslog", "write what UPSes say to files", logManual, runUpslog},
		{"upsmon", "shut this host down before its UPSes run dry", upsmonManual, runUpsmon},
		{"upsrw", "set variables of a UPS", upsrwManual, runUpsrw},
		{"upssched", "run commands at events of UPSes, at once or later", schedManual, runUpssched},
		{"usbhid", "show what USB HID power devices offer", usbhidManual, runUsbhid},
		{"version", "tell what this binary is", versionManual, runVersion},
	}, driverPrograms()...)
}
