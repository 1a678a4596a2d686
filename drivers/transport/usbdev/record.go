package usbdev

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Call is a request to a device with its numbers, as a recording has it.
//
// A recording is text. A line that begins with # is a remark. The others are
//
//	info {"VendorID":1309,…}         what enumeration said
//	CALL [> OUT] < IN                an exchange; OUT and IN are bytes in hexadecimal
//	CALL [> OUT] ! ERROR             one that failed, by the word for the error
//
// in the order in which they came about. CALL is the request with its numbers:
//
//	descriptor
//	get feature 12 8                 report id and size of the buffer
//	set feature                      the report is OUT
//	in, out                          the interrupt endpoints
//	string 3
//	control c0 06 0303 0409 102      requestType request value index size
//	clear 81
//	reset
type Call string

// The calls without numbers.
const (
	CallDescriptor Call = "descriptor"
	CallIn         Call = "in"
	CallOut        Call = "out"
	CallReset      Call = "reset"
)

// CallGet is GetReport with a buffer of size bytes.
func CallGet(kind ReportKind, id byte, size int) Call {
	return Call(fmt.Sprintf("get %v %d %d", kind, id, size))
}

// CallSet is SetReport.
func CallSet(kind ReportKind) Call { return Call("set " + kind.String()) }

// CallString is String.
func CallString(index int) Call { return Call(fmt.Sprintf("string %d", index)) }

// CallClear is ClearHalt.
func CallClear(endpoint byte) Call { return Call(fmt.Sprintf("clear %02x", endpoint)) }

// CallControl is Control with size bytes of data.
func CallControl(requestType, request byte, value, index uint16, size int) Call {
	return Call(fmt.Sprintf("control %02x %02x %04x %04x %d", requestType, request, value, index, size))
}

// words are the errors that a recording can say; others are "failed".
var words = []struct {
	word string
	err  error
}{
	{"gone", ErrGone},
	{"stall", ErrStall},
	{"timeout", ErrTimeout},
	{"permission", ErrPermission},
	{"busy", ErrBusy},
	{"unsupported", ErrUnsupported},
}

const failed = "failed"

var errFailed = errors.New("request failed")

func wordOf(err error) string {
	for _, w := range words {
		if errors.Is(err, w.err) {
			return w.word
		}
	}
	return failed
}

func errorOf(word string) error {
	for _, w := range words {
		if w.word == word {
			return w.err
		}
	}
	return errFailed
}

// Recorder writes what is exchanged with a device, so that [Playback] can stand in
// for it. Its methods may be called from several goroutines. A nil Recorder writes
// nothing.
type Recorder struct {
	mu  sync.Mutex
	out io.Writer
	err error
}

// NewRecorder returns a Recorder that writes to out.
func NewRecorder(out io.Writer) *Recorder { return &Recorder{out: out} }

// Info notes which device it is.
func (r *Recorder) Info(i Info) {
	text, err := json.Marshal(i)
	if err != nil {
		panic(err) // a struct of strings and numbers
	}
	r.line("info " + string(text))
}

// Note notes an exchange: the call with its numbers, what was sent, and what came
// back or why nothing did.
func (r *Recorder) Note(call Call, sent, received []byte, err error) {
	if r == nil {
		return
	}
	var line strings.Builder
	line.WriteString(string(call))
	if len(sent) > 0 {
		line.WriteString(" > " + hex.EncodeToString(sent))
	}
	if err != nil {
		line.WriteString(" ! " + wordOf(err))
	} else {
		line.WriteString(" < " + hex.EncodeToString(received))
	}
	r.line(line.String())
}

// Err is why nothing more was written; nil if all was.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *Recorder) line(text string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		_, r.err = io.WriteString(r.out, text+"\n")
	}
}
