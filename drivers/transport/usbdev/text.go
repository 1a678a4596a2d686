package usbdev

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf16"
)

// ReadString asks a device for a string descriptor in its first language, by its
// control transfers.
func ReadString(ctx context.Context, control func(ctx context.Context, requestType, request byte, value, index uint16, data []byte) (int, error), index int) (string, error) {
	if index < 1 || index > 255 {
		return "", fmt.Errorf("%w: there is no such string", ErrStall)
	}
	language := uint16(English)
	buf := make([]byte, 255)
	if n, err := control(ctx, FromDevice, GetDescriptor, StringDescriptor<<8, 0, buf[:4]); err == nil && n == 4 && buf[1] == StringDescriptor {
		language = uint16(buf[2]) | uint16(buf[3])<<8
	}
	n, err := control(ctx, FromDevice, GetDescriptor, StringDescriptor<<8|uint16(index), language, buf)
	if err != nil {
		return "", err
	}
	return DecodeString(buf[:n])
}

// DecodeString reads a string descriptor: its length, its type, and text in UTF-16LE.
// What is after a NUL is no part of the text. A length that is more than there is, as
// some devices give, is not believed.
func DecodeString(descriptor []byte) (string, error) {
	if len(descriptor) < 2 || descriptor[1] != StringDescriptor {
		return "", fmt.Errorf("no string descriptor: % x", descriptor)
	}
	text := descriptor[2:max(2, min(len(descriptor), int(descriptor[0])))]
	units := make([]uint16, 0, len(text)/2)
	for ; len(text) >= 2; text = text[2:] {
		units = append(units, uint16(text[0])|uint16(text[1])<<8)
	}
	said, _, _ := strings.Cut(string(utf16.Decode(units)), "\x00")
	return strings.TrimSpace(said), nil
}
