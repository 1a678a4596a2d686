//go:build libusb

package usb

import "testing"

// TestWholePackets: whatever a packet has, there is room for it.
func TestWholePackets(t *testing.T) {
	for _, tt := range []struct{ n, size, want int }{
		{8, 8, 8}, {6, 8, 8}, {10, 8, 16}, {16, 8, 16}, {17, 8, 24}, {8, 64, 64}, {0, 8, 8}, {10, 0, 10}, {65, 64, 128},
	} {
		if got := wholePackets(tt.n, tt.size); got != tt.want {
			t.Errorf("for %d bytes in packets of %d: %d, want %d", tt.n, tt.size, got, tt.want)
		}
	}
}
