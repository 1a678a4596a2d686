package usbdev

import "testing"

func TestIsArrival(t *testing.T) {
	for notice, want := range map[string]bool{
		"add@/devices/x/hidraw/hidraw0\x00ACTION=add\x00SUBSYSTEM=hidraw\x00SEQNUM=1\x00": true,
		"add@/devices/x/hidraw/hidraw0\x00SUBSYSTEM=hidraw":                               true,
		"remove@/devices/x/hidraw/hidraw0\x00SUBSYSTEM=hidraw\x00":                        false,
		"add@/devices/x/input0\x00SUBSYSTEM=input\x00":                                    false,
		"add@/devices/x\x00SUBSYSTEM=hidraw2\x00":                                         false,
		"libudev\x00": false, "": false,
	} {
		if got := isArrival([]byte(notice), "hidraw"); got != want {
			t.Errorf("%q: %v", notice, got)
		}
	}
}

func FuzzIsArrival(f *testing.F) {
	f.Add([]byte("add@/x\x00SUBSYSTEM=hidraw\x00"))
	f.Fuzz(func(_ *testing.T, notice []byte) { isArrival(notice, "hidraw") })
}
