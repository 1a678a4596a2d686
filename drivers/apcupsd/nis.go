package apcupsd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Bounds of what a server may say.
const (
	maxRecord  = 1024 // bytes; apcupsd's longest is 256
	maxRecords = 256
	patience   = 15 * time.Second
)

// status asks a server for what it knows of its UPS, by its keys.
func status(ctx context.Context, address string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("apcupsd: %w", err)
	}
	// Ending ctx ends whatever waits.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	facts, err := ask(conn)
	stop()
	if closing := conn.Close(); err == nil && closing == nil {
		return facts, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return nil, fmt.Errorf("apcupsd at %s: %w", address, err)
}

// ask has one dialogue: the request, and records until an empty one.
func ask(conn io.ReadWriter) (map[string]string, error) {
	if _, err := conn.Write([]byte("\x00\x06status")); err != nil {
		return nil, err
	}
	facts := make(map[string]string)
	for range maxRecords {
		text, err := readRecord(conn)
		if err != nil {
			return nil, err
		}
		if text == "" {
			if len(facts) == 0 {
				return nil, errors.New("the answer has nothing of a UPS")
			}
			return facts, nil
		}
		if key, value, ok := parseRecord(text); ok {
			facts[key] = value
		}
	}
	return nil, fmt.Errorf("more than %d records: no apcupsd", maxRecords)
}

// readRecord reads a text that has its length before it, in two bytes.
func readRecord(r io.Reader) (string, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return "", fmt.Errorf("read record: %w", noEOF(err))
	}
	n := binary.BigEndian.Uint16(length[:])
	if n > maxRecord {
		return "", fmt.Errorf("a record of %d bytes: no apcupsd", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return "", fmt.Errorf("read record: %w", noEOF(err))
	}
	return string(text), nil
}

// noEOF: no end is expected.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// parseRecord splits a line into its key and value.
func parseRecord(text string) (key, value string, ok bool) {
	text = strings.TrimRight(text, "\r\n\x00 ")
	end := strings.IndexAny(text, " \t:")
	if end <= 0 {
		return "", "", false
	}
	return text[:end], strings.TrimLeft(text[end:], " \t:"), true
}
