package vm

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	// maxCommand is the size of a command: what does not fit is better a file.
	maxCommand = 2048
	// maxSaid is the size of an answer, in base64.
	maxSaid = 4 << 20
)

// orders is the way of commands into the machine, and of their answers back:
// guest/listen is at its other end. It is not for several goroutines.
type orders struct {
	conn  io.ReadWriter
	lines *bufio.Reader
}

func newOrders(conn io.ReadWriter) *orders {
	return &orders{conn: conn, lines: bufio.NewReaderSize(conn, maxSaid)}
}

// ready waits until the machine takes commands.
func (o *orders) ready() error {
	for {
		line, err := o.lines.ReadSlice('\n')
		if err != nil {
			return err
		}
		if strings.TrimSpace(string(line)) == "ready" {
			return nil
		}
	}
}

// run has the machine's shell run a command, and returns what that said on
// standard output and standard error, and its exit code.
func (o *orders) run(command string) (said string, code int, err error) {
	if len(command) > maxCommand {
		return "", 0, fmt.Errorf("a command of %d bytes: more than %d", len(command), maxCommand)
	}
	if _, err := io.WriteString(o.conn, base64.StdEncoding.EncodeToString([]byte(command))+"\n"); err != nil {
		return "", 0, err
	}
	line, err := o.lines.ReadSlice('\n')
	if err != nil {
		return "", 0, err
	}
	return parseAnswer(string(line))
}

// parseAnswer reads "CODE BASE64".
func parseAnswer(line string) (said string, code int, err error) {
	number, text, _ := strings.Cut(strings.TrimSpace(line), " ")
	code, notNumber := strconv.Atoi(number)
	decoded, notBase64 := base64.StdEncoding.DecodeString(text)
	if err := errors.Join(notNumber, notBase64); err != nil {
		return "", 0, fmt.Errorf("the machine's answer: %w", err)
	}
	return string(decoded), code, nil
}
