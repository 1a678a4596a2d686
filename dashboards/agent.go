package dashboards

func agent() board {
	return board{
		name: "agent", title: "UPS / Agent", from: "now-6h",
		about:    "The agents themselves: devices, server, exports, and what they cost their hosts.",
		presence: "nut_ups_up", outages: "nut_ups_on_battery{ups} > 0",
		rows: []row{
			{"Agents", agentNow()},
			{"Devices", agentDevices()},
			{"Server", agentServer()},
			{"Process", agentProcess()},
		},
	}
}

func agentNow() []panel {
	return []panel{
		{
			kind: number, title: "Version", about: "Which version each agent has.", unit: "short", width: 12, height: 4,
			words: words{"1": {"runs", "green"}}, queries: []query{{"nut_agent_info{agent}", "{{instance}}: {{version}}"}},
		},
		{
			kind: number, title: "UPSes in contact", about: "Of those that the agent has.", unit: "percentunit", width: 6, height: 4,
			steps: []step{{below, "red"}, {1, "green"}}, queries: []query{{"avg by (instance) (nut_ups_up{ups})", agentName}},
		},
		{
			kind: number, title: "Up since", about: "When the agent was started.", unit: "dateTimeAsIso", width: 6, height: 4,
			queries: []query{{"process_start_time_seconds{agent} * 1000 and on (job, instance) nut_agent_info{agent}", agentName}},
		},
	}
}

func agentDevices() []panel {
	return []panel{
		{
			title: "Age of data", about: "Time since the device was last heard.", unit: "s", from: new(0.0),
			queries: each("nut_ups_data_age_seconds{ups}"),
		},
		{
			title: "Polls", about: "Times a device was asked what is new.", unit: "reqps", from: new(0.0),
			queries: each("rate(nut_driver_poll_duration_seconds_count{ups}[$__rate_interval])"),
		},
		{
			title: "Time of a poll", about: "Within which a device answers nine times of ten.", unit: "s", from: new(0.0),
			queries: each("histogram_quantile(0.9, sum by (job, instance, ups, le) (rate(nut_driver_poll_duration_seconds_bucket{ups}[$__rate_interval])))"),
		},
		{
			title: "Lost contact", about: "Times the readings ceased to be fresh, and times the device was reached anew.", unit: "short", from: new(0.0),
			queries: []query{
				{"increase(nut_ups_comms_lost_total{ups}[$__rate_interval])", "{{ups}}: lost"},
				{"increase(nut_driver_reconnects_total{ups}[$__rate_interval])", "{{ups}}: reached anew"},
			},
		},
		{
			kind: timeline, title: "Contact", about: "Whether readings are fresh.", unit: "short",
			words: words{"0": {"none", "purple"}, "1": {"good", "green"}}, queries: each("nut_ups_up{ups}"),
		},
	}
}

func agentServer() []panel {
	return []panel{
		{
			title: "Clients", about: "Clients connected to the server.", unit: "short", from: new(0.0),
			queries: []query{{"nut_upsd_clients{agent}", agentName}},
		},
		{
			title: "Requests", about: "Requests that the server answered, by command.", unit: "reqps", from: new(0.0),
			queries: []query{{"sum by (instance, command) (rate(nut_upsd_requests_total{agent}[$__rate_interval]))", "{{instance}} {{command}}"}},
		},
		{
			title: "Requests by result", about: "OK, or the error that was answered.", unit: "reqps", from: new(0.0),
			queries: []query{{"sum by (instance, result) (rate(nut_upsd_requests_total{agent}[$__rate_interval]))", "{{instance}} {{result}}"}},
		},
		{
			title: "Connections", about: "Taken, over a limit, cut off for silence, and with a wrong user or password.", unit: "cps", from: new(0.0),
			queries: []query{
				{"rate(nut_upsd_connections_accepted_total{agent}[$__rate_interval])", "{{instance}} taken"},
				{"rate(nut_upsd_connections_refused_total{agent}[$__rate_interval])", "{{instance}} over a limit"},
				{"rate(nut_upsd_timeouts_total{agent}[$__rate_interval])", "{{instance}} silent"},
				{"rate(nut_upsd_auth_failures_total{agent}[$__rate_interval])", "{{instance}} wrong password"},
			},
		},
	}
}

func agentProcess() []panel {
	return []panel{
		{
			title: "Scrapes", about: "Time that Prometheus needed for the page.", unit: "s", from: new(0.0),
			queries: []query{{"scrape_duration_seconds{agent} and on (job, instance) nut_agent_info{agent}", agentName}},
		},
		{
			title: "Exports by OTLP", about: "Attempts to push metrics and events, by what became of them. There are none where OTLP is off.", unit: "short", from: new(0.0),
			queries: []query{
				{"increase(nut_otlp_exports_total{agent}[$__rate_interval])", "{{instance}} {{signal}}: {{result}}"},
				{"increase(nut_otlp_events_dropped_total{agent}[$__rate_interval])", "{{instance}} events dropped"},
				{"nut_otlp_events_waiting{agent}", "{{instance}} events waiting"},
			},
		},
		{
			title: "Processor", about: "Of one core.", unit: "percentunit", from: new(0.0),
			queries: []query{{"rate(process_cpu_seconds_total{agent}[$__rate_interval]) and on (job, instance) nut_agent_info{agent}", agentName}},
		},
		{
			title: "Memory", about: "Resident memory, and the heap in use.", unit: "bytes", from: new(0.0),
			queries: []query{
				{"process_resident_memory_bytes{agent} and on (job, instance) nut_agent_info{agent}", agentName},
				{"go_memstats_heap_inuse_bytes{agent} and on (job, instance) nut_agent_info{agent}", "{{instance}} heap"},
			},
		},
		{
			title: "Goroutines", about: "A number that only grows is a fault of ours.", unit: "short", from: new(0.0),
			queries: []query{{"go_goroutines{agent} and on (job, instance) nut_agent_info{agent}", agentName}},
		},
		{
			title: "Open files", about: "Connections and devices.", unit: "short", from: new(0.0),
			queries: []query{{"process_open_fds{agent} and on (job, instance) nut_agent_info{agent}", agentName}},
		},
	}
}
