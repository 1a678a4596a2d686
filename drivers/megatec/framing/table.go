// Package framing is how the commands of the Megatec family travel over USB: the
// chips that makers put between a serial port and a plug each have a way of
// their own.
package framing

import (
	"bytes"
	_ "embed" // the table
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// table is usb.yaml.
type table struct {
	Devices []ID               `yaml:"devices"`
	Reports map[string]reports `yaml:"reports"`
	Strings map[string]texts   `yaml:"strings"`
}

// ID is a device that is known.
type ID struct {
	ID      string `yaml:"id"`     // vendor and product, "0665:5161"
	Vendor  string `yaml:"vendor"` // what its strings are, in any case; "" for anything
	Product string `yaml:"product"`
	Framing string `yaml:"framing"` // "" where the user has to say
	Models  string `yaml:"models"`
}

// reports is a way by reports and packets.
type reports struct {
	Vendor   bool          `yaml:"vendor"`   // one vendor request has the whole command, in place of reports
	Value    uint16        `yaml:"value"`    // of SET_REPORT: the type and the number of the report
	Chunk    int           `yaml:"chunk"`    // bytes of a report
	Counted  bool          `yaml:"counted"`  // the first byte of reports and packets tells how many follow
	Patience time.Duration `yaml:"patience"` // for a report
	Drain    int           `yaml:"drain"`    // packets that are thrown away before
	Packet   int           `yaml:"packet"`   // bytes of a packet
	Once     bool          `yaml:"once"`     // the first packet is all of the answer
	Mute     []string      `yaml:"mute"`     // commands that get no answer
}

// texts is a way by string descriptors.
type texts struct {
	Index    map[string]byte   `yaml:"index"`    // by command
	First    map[string]string `yaml:"first"`    // what the first character of the answer stands for
	Shutdown bool              `yaml:"shutdown"` // S…R… has a number too
	Again    int               `yaml:"again"`    // how often "UPS No Ack" is asked again; 0 takes it as no answer
	Prelude  []byte            `yaml:"prelude"`  // one of these is read before each command, in turn
	Drain    bool              `yaml:"drain"`    // a packet of the interrupt endpoint is thrown away before
	Language uint16            `yaml:"language"` // that is asked in; 0 for the device's first
	Size     int               `yaml:"size"`     // bytes asked for; 0 for 255
}

//go:embed usb.yaml
var file []byte

var load = sync.OnceValues(func() (*table, error) {
	t := new(table)
	d := yaml.NewDecoder(bytes.NewReader(file))
	d.KnownFields(true)
	if err := d.Decode(t); err != nil {
		return nil, fmt.Errorf("usb.yaml: %w", err)
	}
	return t, nil
})

// Names returns the framings.
func Names() ([]string, error) {
	t, err := load()
	if err != nil {
		return nil, err
	}
	names := []string{"ablerex", "armac", "fuji"}
	names = slices.AppendSeq(names, maps.Keys(t.Reports))
	names = slices.AppendSeq(names, maps.Keys(t.Strings))
	slices.Sort(names)
	return names, nil
}

// IDs returns the devices that are known, in the order in which they are looked
// at.
func IDs() ([]ID, error) {
	t, err := load()
	if err != nil {
		return nil, err
	}
	return slices.Clone(t.Devices), nil
}

// Match returns the framing of a device by its numbers and its strings; "" if it
// is not known, or cannot be told from others.
func Match(vendorID, productID uint16, vendor, product string) (string, error) {
	t, err := load()
	if err != nil {
		return "", err
	}
	id := fmt.Sprintf("%04x:%04x", vendorID, productID)
	for _, d := range t.Devices {
		if d.ID == id && d.Framing != "" && says(d.Vendor, vendor) && says(d.Product, product) {
			return d.Framing, nil
		}
	}
	return "", nil
}

func says(want, text string) bool {
	return want == "" || strings.EqualFold(want, strings.TrimSpace(text))
}
