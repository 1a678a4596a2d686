package usbdev

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestOwners(t *testing.T) {
	twin := func(port, device string) Info {
		return Info{VendorID: 0x51d, ProductID: 2, Vendor: "APC", Product: "Back-UPS", Bus: "001", Port: port, Device: device}
	}
	numbered := func(serial, port string) Info {
		i := twin(port, "009")
		i.Serial = serial
		return i
	}
	for _, tt := range []struct {
		name     string
		had, now Info
		free     bool
	}{
		{"it is back", twin("1.1", "004"), twin("1.1", "007"), false},
		{"its twin", twin("1.1", "004"), twin("1.2", "007"), true},
		{"it is back at another port", numbered("A", "1.1"), numbered("A", "1.2"), false},
		{"another at its port", numbered("A", "1.1"), numbered("B", "1.1"), true},
		{"one that has no number at its port", numbered("A", "1.1"), twin("1.1", "009"), true},
		{"another kind at its port", twin("1.1", "004"), Info{VendorID: 0x764, ProductID: 0x501, Bus: "001", Port: "1.1"}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var o Owners
			o.Left("a", true) // which had none
			if !o.Free("b", tt.now) {
				t.Errorf("%s: before anybody had it", tt.name)
			}
			o.Took("a", tt.had)
			o.Left("a", true)
			if !o.Free("a", tt.now) {
				t.Errorf("%s: not free for who had it", tt.name)
			}
			if got := o.Free("b", tt.now); got != tt.free {
				t.Errorf("%s: free for another: %v", tt.name, got)
			}
			<-time.After(faith)
			if !o.Free("b", tt.now) {
				t.Errorf("%s: kept for ever", tt.name)
			}
			o.Took("a", tt.had)
			o.Left("a", true)
			o.Left("a", false)
			if !o.Free("b", tt.now) {
				t.Errorf("%s: kept for a section that wants it no more", tt.name)
			}
		})
	}
}

// TestAlike: two that cannot be told apart keep nobody from coming back.
func TestAlike(t *testing.T) {
	for _, i := range []Info{{VendorID: 0x51d, Serial: "0000"}, {VendorID: 0x51d, Node: "/dev/hidraw0"}} {
		var o Owners
		for _, section := range []string{"a", "b"} {
			o.Took(section, i)
			o.Left(section, true)
		}
		for _, section := range []string{"a", "b"} {
			if !o.Free(section, i) {
				t.Errorf("%v is kept from %s", i, section)
			}
		}
	}
}

// TestInContact: what one section reads is nobody else's, even if the two cannot be told
// apart by what they say; where it is tells them apart.
func TestInContact(t *testing.T) {
	first, second := Info{Bus: "001", Device: "004", Serial: "0000"}, Info{Bus: "001", Device: "005", Serial: "0000"}
	raw := Info{Node: "/dev/hidraw0"}
	var o Owners
	o.Took("a", first)
	o.Took("c", raw)
	if o.Free("b", first) || o.Free("b", raw) {
		t.Error("a device in contact is free for another section")
	}
	if !o.Free("b", second) || !o.Free("b", Info{Node: "/dev/hidraw1"}) || !o.Free("b", Info{}) {
		t.Error("its twin is not free")
	}
	if !o.Free("a", first) || !o.Free("c", raw) {
		t.Error("a device is not free for who has it")
	}
}
