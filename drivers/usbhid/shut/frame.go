package shut

import "fmt"

// The kinds of frame, and the flag on the last of a transfer.
const (
	kindRequest  = 0x01
	kindResponse = 0x04
	kindNotify   = 0x05
	flagLast     = 0x80
)

// Bytes that stand alone.
const (
	accepted = 0x06
	repeat   = 0x15
	silent   = 0x18 // asks the UPS for no notifications; it says the same
)

// maxPayload is what one frame carries.
const maxPayload = 8

// frame is a part of a transfer.
type frame struct {
	kind    byte
	last    bool
	payload []byte // 1 to maxPayload bytes
}

// bytes are the frame as it is sent: kind, length in both halves of a byte,
// payload, and what the payload comes to by exclusive or.
func (f frame) bytes() []byte {
	kind := f.kind
	if f.last {
		kind |= flagLast
	}
	n := byte(len(f.payload))
	b := append([]byte{kind, n<<4 | n}, f.payload...)
	return append(b, checksum(f.payload))
}

func checksum(payload []byte) (sum byte) {
	for _, b := range payload {
		sum ^= b
	}
	return sum
}

// frames are the frames of a transfer.
func frames(kind byte, data []byte) (all []frame) {
	for len(data) > maxPayload {
		all = append(all, frame{kind, false, data[:maxPayload]})
		data = data[maxPayload:]
	}
	return append(all, frame{kind, true, data})
}

// header tells what follows the first two bytes of a frame: so many of payload.
func header(kind, length byte) (f frame, n int, err error) {
	f = frame{kind: kind &^ flagLast, last: kind&flagLast != 0}
	n = int(length & 0x0f)
	if length>>4 != length&0x0f || n == 0 || n > maxPayload {
		return frame{}, 0, fmt.Errorf("%w: length %#x", errFrame, length)
	}
	return f, n, nil
}
