package usbdev

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Selector chooses among the devices that a family knows, by NUT's options. Each is
// a regular expression that must match somewhere in the text, in any case, as NUT
// has it; "" matches all.
type Selector struct {
	VendorID  string `conf:"vendorid" help:"only a device whose vendor id, four hexadecimal digits, this regular expression matches"`
	ProductID string `conf:"productid" help:"the same for the product id"`
	Vendor    string `conf:"vendor" help:"the same for the vendor's name"`
	Product   string `conf:"product" help:"the same for the product's name"`
	Serial    string `conf:"serial" help:"the same for the serial number"`
	Bus       string `conf:"bus" help:"the same for the bus, three digits"`
	BusPort   string `conf:"busport" help:"the same for the port: three digits as NUT has it, or the way through the hubs such as 1-1.4"`
	Device    string `conf:"device" help:"the same for the device number, three digits, which changes at each plugging in"`
}

// Matcher tells whether a device is one that is looked for.
type Matcher func(Info) bool

// PatternError is a regular expression of a [Selector] that is none.
type PatternError struct {
	Option string // "vendorid"
	Reason string
}

// Error names the option and what is wrong with it.
func (e *PatternError) Error() string { return e.Option + ": " + e.Reason }

// Compile returns what matches a device if all of the Selector does. The error is,
// or joins, *PatternError.
func (s Selector) Compile() (Matcher, error) {
	type rule struct {
		pattern *regexp.Regexp
		texts   func(Info) []string // one of them must match
	}
	one := func(text func(Info) string) func(Info) []string {
		return func(i Info) []string { return []string{text(i)} }
	}
	var rules []rule
	var errs []error
	for _, o := range []struct {
		option, pattern string
		texts           func(Info) []string
	}{
		{"vendorid", s.VendorID, one(func(i Info) string { return fmt.Sprintf("%04x", i.VendorID) })},
		{"productid", s.ProductID, one(func(i Info) string { return fmt.Sprintf("%04x", i.ProductID) })},
		{"vendor", s.Vendor, one(func(i Info) string { return i.Vendor })},
		{"product", s.Product, one(func(i Info) string { return i.Product })},
		{"serial", s.Serial, one(func(i Info) string { return i.Serial })},
		{"bus", s.Bus, one(func(i Info) string { return i.Bus })},
		{"busport", s.BusPort, Info.ports},
		{"device", s.Device, one(func(i Info) string { return i.Device })},
	} {
		if o.pattern == "" {
			continue
		}
		pattern, err := regexp.Compile("(?i)" + o.pattern)
		if err != nil {
			errs = append(errs, &PatternError{o.option, fmt.Sprintf("%q is not a regular expression: %v", o.pattern, err)})
			continue
		}
		rules = append(rules, rule{pattern, o.texts})
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return func(i Info) bool {
		for _, r := range rules {
			if !slices.ContainsFunc(r.texts(i), r.pattern.MatchString) {
				return false
			}
		}
		return true
	}, nil
}

// ports are the names of a device's port that a busport may match.
func (i Info) ports() []string {
	if i.Port == "" {
		return []string{""}
	}
	return []string{i.BusPort(), strings.TrimLeft(i.Bus, "0") + "-" + i.Port}
}
