package interop

import (
	"fmt"
	"os"
	"strings"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// way is a way to serve the UPSes of a site.
type way struct {
	name  string
	serve func(s *site) *process
}

// waysToServe are the distribution's upsd, ours in its place, ours beneath it,
// and our agent, which needs no driver processes.
func waysToServe() []way {
	return []way{
		{"their upsd", func(s *site) *process { return s.attached(theirs(s, "upsd"), theirs(s, "dummy-ups")) }},
		{"our upsd", func(s *site) *process { return s.attached(ours("upsd"), theirs(s, "dummy-ups")) }},
		{"their upsd over our drivers", func(s *site) *process { return s.attached(theirs(s, "upsd"), ours("dummy-ups")) }},
		{"our agent", func(s *site) *process { return s.serving(ours("wattnut"), "agent") }},
	}
}

// attached runs a driver process for each UPS of the site whose file exists,
// and then upsd.
func (s *site) attached(upsd, driver string) *process {
	s.Helper()
	for _, ups := range s.playable() {
		s.start(driver, "-F", "-u", me(s), "-a", ups)
	}
	for _, ups := range s.playable() { // upsd looks for a driver that it missed only every 2 s
		nuttest.Await(s, func() error { _, err := os.Stat(s.state("dummy-ups-" + ups)); return err })
	}
	return s.serving(upsd, "-F", "-u", me(s))
}

// serving starts a server and waits until all UPSes that have a file have data.
func (s *site) serving(program string, args ...string) *process {
	s.Helper()
	server := s.start(program, args...)
	for _, ups := range s.playable() {
		nuttest.Await(s, func() error {
			select {
			case <-server.ended:
				s.Fatalf("%s: %s", server.name, server.output())
			default:
			}
			return s.live(ups)
		})
	}
	return server
}

// live tells whether a UPS has data.
func (s *site) live(ups string) error {
	got, err := s.answer("GET VAR " + ups + " ups.status")
	if err == nil && (!strings.HasPrefix(got, "VAR ") || strings.HasSuffix(got, `"WAIT"`)) {
		err = fmt.Errorf("%s: %s", ups, got)
	}
	return err
}

// playable are the UPSes of the site that have a file NAME.dev.
func (s *site) playable() []string {
	all, err := os.ReadDir(s.etc(""))
	if err != nil {
		s.Fatal(err)
	}
	var names []string
	for _, f := range all {
		if name, ok := strings.CutSuffix(f.Name(), ".dev"); ok {
			names = append(names, name)
		}
	}
	return names
}
