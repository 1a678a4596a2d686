// Package smart is a simulated UPS that speaks APC's Smart protocol, as a
// Smart-UPS of about the year 2000 does: a face of the model in
// drivers/simulator/model on a serial line, such as a pseudo-terminal.
package smart

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// Identity is what the UPS says it is. The zero value is one of ours.
type Identity struct {
	Model    string // "SMART-UPS 1500" if ""
	Serial   string // "SIM000000001" if ""
	Firmware string // "600.3.I" if ""; its last letter is the region that settings are for
	Date     string // of making and of the battery: "11/28/25" if ""
}

// UPS is such a UPS. Make one with New.
type UPS struct {
	do    func(func(*model.UPS))
	id    Identity
	keeps []keep
	texts map[byte]string // by their letter

	smart   bool // speaks the Smart protocol, after Y
	last    byte // the letter before, for those that count twice and for -
	lastAt  time.Time
	edit    []byte // a text that is being written; nil if none is
	editing byte   // its letter
	shown   byte   // the status that alerts were last sent for
	feigned time.Time
	reason  string
	lowest  float64 // voltage of the mains since it was last asked for
	highest float64
	digits  int // of @ that are still to come
}

// New makes a UPS of a model, which do gives access to: it calls what it is
// given with the model as it is now. The UPS calls do from the goroutine that
// Serve runs in.
func New(do func(func(*model.UPS)), id Identity) *UPS {
	for _, d := range []struct {
		text *string
		std  string
	}{{&id.Model, "SMART-UPS 1500"}, {&id.Serial, "SIM000000001"}, {&id.Firmware, "600.3.I"}, {&id.Date, "11/28/25"}} {
		if *d.text == "" {
			*d.text = d.std
		}
	}
	return &UPS{
		do: do, id: id, keeps: keeps(), reason: "O",
		texts: map[byte]string{'c': "WATTNUT", 'x': id.Date},
	}
}

// tick is how often the UPS looks whether there is something to tell.
const tick = 100 * time.Millisecond

// Serve speaks over a line until ctx ends, which brings nil, or the line does,
// and closes it.
func (u *UPS) Serve(ctx context.Context, line io.ReadWriteCloser) error {
	closed := context.AfterFunc(ctx, func() { line.Close() })
	heard := make(chan byte)
	ended := make(chan error, 1)
	quit := make(chan struct{})
	go func() { ended <- listen(line, heard, quit) }()
	err := u.talk(ctx, line, heard, ended)
	close(quit)
	if closed() { // ctx has not
		return errors.Join(err, line.Close())
	}
	return nil
}

// listen passes on what comes, until the line ends.
func listen(line io.Reader, heard chan<- byte, quit <-chan struct{}) error {
	b := make([]byte, 1)
	for {
		if _, err := io.ReadFull(line, b); err != nil {
			return fmt.Errorf("line: %w", err)
		}
		select {
		case heard <- b[0]:
		case <-quit:
			return nil
		}
	}
}

func (u *UPS) talk(ctx context.Context, line io.Writer, heard <-chan byte, ended <-chan error) error {
	clock := time.NewTicker(tick)
	defer clock.Stop()
	u.alerts() // how it is at the beginning is no news
	for {
		var says string
		select {
		case b := <-heard:
			says = u.hear(b)
		case <-clock.C:
			says = u.alerts()
		case err := <-ended:
			return err
		case <-ctx.Done():
			return nil
		}
		if says == "" {
			continue
		}
		if _, err := io.WriteString(line, says); err != nil {
			return fmt.Errorf("line: %w", err)
		}
	}
}

// end of an answer.
const end = "\r\n"

// alertLetters are those that come unasked.
const alertLetters = "!$%+?=#|"

// What a UPS answers to an order.
const (
	yes  = "OK" + end
	no   = "NO" + end
	none = "NA" + end
)

// hear takes a letter, and returns what the UPS says to it.
func (u *UPS) hear(b byte) string {
	before, when := u.last, u.lastAt
	u.last, u.lastAt = b, time.Now()
	switch {
	case b == 'Y':
		u.smart = true
		return "SM" + end
	case !u.smart:
		return ""
	case u.edit != nil:
		return u.write(b)
	case u.digits > 0:
		return u.hibernate(b)
	case b == 'R':
		u.smart = false
		return "BYE" + end
	case b == '\x1b' || b == '\r' || b == '\n':
		return ""
	case b == '-':
		return u.step(before)
	case b == 'a':
		return "3." + alertLetters + "." + u.letters() + end
	case b == '\x1a':
		return u.capabilities() + end
	}
	if order, ok := orders[b]; ok {
		again := before == b && time.Since(when) >= time.Second
		return order(u, again)
	}
	return u.answer(b)
}

// answer says the value that a letter asks for.
func (u *UPS) answer(b byte) string {
	if text, ok := u.texts[b]; ok {
		return text + end
	}
	for i := range u.keeps {
		if u.keeps[i].letter == b {
			return u.keeps[i].value() + end
		}
	}
	say, ok := gauges[b]
	if !ok {
		return none
	}
	var text string
	u.do(func(m *model.UPS) { text = say(u, m.Reading(), m) })
	return text + end
}
