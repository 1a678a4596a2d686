package megatec

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxCommand is the longest command that is listened to.
const maxCommand = 128

// Serve answers the commands that come over conn until that ends, of which an
// error other than the end of file is returned. answer is called from this
// goroutine alone.
func Serve(conn io.ReadWriter, answer func(command string) (string, bool)) error {
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, maxCommand), maxCommand)
	lines.Split(command)
	for lines.Scan() {
		said, ok := answer(lines.Text())
		if !ok {
			continue
		}
		if _, err := io.WriteString(conn, said+"\r"); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

// command splits at carriage returns. What is longer than any command is noise.
func command(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\r'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF || len(data) == maxCommand {
		return len(data), nil, nil
	}
	return 0, nil, nil
}
