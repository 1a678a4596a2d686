// Package prometheus shows samples as Prometheus reads them.
//
// What a UPS says is rendered once for each snapshot and kept with it, so that
// a scrape of a thousand UPSes is little more than copying bytes. A scrape
// never touches a device.
package prometheus
