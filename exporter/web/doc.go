// Package web is the listener for browsers and scrapers: the fleet at a glance,
// the metrics page, and what a supervisor asks.
//
//	/         the fleet, readable without any script
//	/metrics  for Prometheus
//	/healthz  whether the process serves
//	/readyz   whether it has begun its work
//
// Further pages, and what protects them all (TLS, passwords), are given to it.
package web
