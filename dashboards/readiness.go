package dashboards

func readiness() board {
	return board{
		name: "shutdown-readiness", title: "UPS / Shutdown readiness", from: "now-24h",
		about:    "Whether the hosts would go down in time and well: the agent's watch over its UPSes, what each host would need for its shutdown, and who is logged in.",
		presence: "nut_ups_up", outages: "nut_ups_on_battery{ups} > 0",
		rows: []row{
			{"Would it work?", readinessNow()},
			{"The path of a shutdown", readinessPath()},
			{"Time that is left", readinessTime()},
			{"Hosts and people", readinessHosts()},
		},
	}
}

const agentName = "{{instance}}"

func readinessNow() []panel {
	return []panel{
		{
			kind: number, title: "Shutdown path", about: "Whether the last probe found that a shutdown would work. There is none where nothing is watched (MONITOR).", unit: "short",
			width: 8, height: 4, words: goodBad(), colour: true,
			queries: []query{{"min by (instance) (nut_upsmon_shutdown_ready{agent})", agentName}},
		},
		{
			kind: number, title: "Supplies to spare", about: "Power value of the UPSes that can be counted on, less what the host needs (MINSUPPLIES). Below 0 the host goes down.", unit: "short",
			width: 8, height: 4, steps: []step{{below, "red"}, {0, "green"}}, colour: true,
			queries: []query{{"nut_upsmon_power_value{agent} - nut_upsmon_min_supplies{agent}", agentName}},
		},
		{
			kind: number, title: "Least runtime", about: "The UPS that would last the shortest.", unit: "s",
			width: 8, height: 4, steps: lowRuntime(), colour: true,
			queries: []query{{"bottomk(1, nut_battery_runtime_seconds{ups})", "{{ups}}"}},
		},
	}
}

func readinessPath() []panel {
	return []panel{
		{
			kind: timeline, title: "Probes", about: "What each thing that a shutdown needs was found to be.", unit: "short",
			words: goodBad(), queries: []query{{"nut_upsmon_shutdown_check{agent}", "{{instance}}: {{check}}"}},
		},
		{
			kind: timeline, title: "Forced shutdown", about: "How far a forced shutdown has come.", unit: "short",
			words: yesNo("red"), queries: []query{{"nut_upsmon_shutdown_state{agent}", "{{instance}}: {{state}}"}},
		},
		{
			title: "Power value", about: "Of the UPSes that can be counted on, and what the host needs.", unit: "short", from: new(0.0),
			queries: []query{
				{"nut_upsmon_power_value{agent}", agentName},
				{"nut_upsmon_min_supplies{agent}", "{{instance}} needs"},
			},
		},
		{
			kind: timeline, title: "Contact", about: "A UPS without contact cannot say that its battery is low.", unit: "short",
			words: words{"0": {"none", "purple"}, "1": {"good", "green"}}, queries: each("nut_ups_up{ups}"),
		},
	}
}

func readinessTime() []panel {
	return []panel{
		{
			title: "Runtime until low", about: "How long a UPS would last until it calls its battery low, and its hosts go down.", unit: "s",
			queries: each("nut_battery_runtime_seconds{ups} - nut_battery_runtime_low_seconds{ups}"),
		},
		{
			title: "Charge until low", about: "What is left of the charge until a UPS calls its battery low, and its hosts go down.", unit: "percentunit",
			queries: each("nut_battery_charge_ratio{ups} - nut_battery_charge_low_ratio{ups}"),
		},
	}
}

func readinessHosts() []panel {
	return []panel{
		{
			kind: timeline, title: "Hosts that a UPS feeds", unit: "short",
			about: "The hosts that are or were logged in to a UPS, and whether they are up. It needs a job by /sd?role=host, see docs/exporter.md; the choice of job and instance above is not for it.",
			words: words{"0": {"down", "red"}, "1": {"up", "green"}}, queries: []query{{`up{ups!="", ups=~"$ups"}`, "{{ups}}: {{instance}}"}},
		},
		{
			title: "Logins", unit: "short", from: new(0.0),
			about:   "Hosts that are logged in to each UPS, and will be told to go down.",
			queries: each("nut_upsd_logins{ups}"),
		},
		{
			title: "Clients of the server", about: "Connections to the server: those that are logged in, and those that just read.", unit: "short", width: 8, from: new(0.0),
			queries: []query{{"nut_upsd_clients{agent}", agentName}},
		},
		{
			title: "Notices", about: "Notices to people, by what became of them.", unit: "short", width: 8, from: new(0.0),
			queries: []query{{"sum by (instance, type, result) (increase(nut_notifications_total{agent}[$__rate_interval]))", "{{instance}} {{type}}: {{result}}"}},
		},
		{
			title: "Wrong users or passwords", about: "A secondary that cannot log in is not waited for.", unit: "short", width: 8, from: new(0.0),
			queries: []query{{"increase(nut_upsd_auth_failures_total{agent}[$__rate_interval])", agentName}},
		},
	}
}
