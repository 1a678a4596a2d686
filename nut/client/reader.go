package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// reader takes a server's bytes apart, within bounds.
type reader struct {
	src  *bufio.Reader
	scan wire.Scanner
	opts Options

	about string // the request whose answer is being read
	size  int    // bytes of the answer so far
	last  line
	long  []byte // a line that is longer than src's buffer
}

// line is one line with its LF, good until the next is read.
type line []byte

// text is the line without its end.
func (l line) text() string { return strings.TrimRight(string(l), "\r\n") }

func newReader(src io.Reader, opts Options) *reader {
	return &reader{src: bufio.NewReader(src), opts: opts, scan: wire.Scanner{MaxWord: opts.MaxLine}}
}

// begin makes ready for the answer to another request.
func (r *reader) begin(about string) { r.about, r.size, r.last = about, 0, nil }

// next reads a line.
func (r *reader) next() (line, error) {
	r.long = r.long[:0]
	for {
		part, err := r.src.ReadSlice('\n')
		if len(r.long)+len(part) > r.opts.MaxLine {
			r.last = nil
			return nil, r.violation(fmt.Sprintf("line is longer than %d bytes", r.opts.MaxLine))
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			r.long = append(r.long, part...)
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(r.long) > 0 {
			r.long = append(r.long, part...)
			part = r.long
		}
		r.last = part
		r.size += len(part)
		return part, nil
	}
}

// words splits the line; they are good until the next is split.
func (r *reader) words(l line) ([][]byte, error) {
	switch _, result := r.scan.Scan(l); result {
	case wire.Line:
		return r.scan.Words(), nil
	case wire.Bad:
		return nil, r.violation(r.scan.Fault().String())
	default:
		return nil, r.violation("the line ends in a backslash")
	}
}

// refusal returns what an ERR line says, or nil if the line is none.
func (r *reader) refusal(l line) (*ServerError, error) {
	if len(l) < 3 || !bytes.EqualFold(l[:3], []byte("ERR")) {
		return nil, nil //nolint:nilnil // there is no refusal
	}
	words, err := r.words(l)
	switch {
	case err != nil:
		return nil, err
	case !wire.Is(words[0], "ERR"):
		return nil, nil //nolint:nilnil // there is no refusal
	case len(words) == 1:
		return nil, r.violation("an error without its name")
	}
	return &ServerError{
		Request: r.about,
		Word:    nut.Error(bytes.ToUpper(words[1])),
		Text:    string(bytes.Join(words[2:], []byte(" "))),
	}, nil
}

func (r *reader) violation(problem string) *ProtocolError {
	const shown = 200
	text := r.last.text()
	return &ProtocolError{Request: r.about, Line: text[:min(len(text), shown)], Problem: problem}
}
