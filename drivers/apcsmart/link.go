package apcsmart

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/serial"
	"github.com/wattnut/wattnut/nut"
)

// How long a UPS may take for an answer, and what is said how slowly.
const (
	patience      = 3 * time.Second
	patienceShort = 1500 * time.Millisecond // for what it may not have, and for orders
	patienceLeast = 600 * time.Millisecond  // as before, of a UPS that is silent to what it does not have
	patienceLong  = 6 * time.Second         // for what has many bytes
	peek          = 200 * time.Millisecond  // for an answer that should not come
	pace          = 50 * time.Millisecond   // between letters of one word
	twice         = 1500 * time.Millisecond // between a letter and the same again
)

// maxAnswer is the longest answer.
const maxAnswer = 1024

// alerts are what a UPS says unasked, at any time, even within an answer: on
// battery, on line, battery low, and no longer, overload, and no longer, replace
// the battery, settings changed, look at the alarms, power goes down.
const alerts = "!$%+?=#|&*"

// link is the dialogue with a UPS.
type link struct {
	port    *serial.Port
	alerted bool // an alert came since it was last set to false
}

// send sends letters and forgets what came before them.
func (l *link) send(ctx context.Context, letters string) error {
	l.heed(string(l.port.Discard()))
	return l.port.Write(ctx, []byte(letters))
}

// heed takes the alerts out of a text.
func (l *link) heed(text string) string {
	kept := strings.Map(func(c rune) rune {
		if c < 0x80 && strings.ContainsRune(alerts, c) {
			return -1
		}
		return c
	}, text)
	l.alerted = l.alerted || len(kept) < len(text)
	return kept
}

// answer waits for a line that is more than alerts.
func (l *link) answer(ctx context.Context, wait time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		line, err := l.port.ReadLine(ctx, "\n", maxAnswer)
		text := strings.ReplaceAll(string(line), "\r", "")
		kept := l.heed(text)
		if err != nil || kept != "" || text == "" {
			return kept, err
		}
	}
}

// ask sends letters and waits for the answer.
func (l *link) ask(ctx context.Context, letters string, wait time.Duration) (string, error) {
	if err := l.send(ctx, letters); err != nil {
		return "", err
	}
	return l.answer(ctx, wait)
}

// askLong is ask for answers that may be long, and in which nothing is an alert.
// What comes after its bound, or never ends, is left out: some firmware overruns.
func (l *link) askLong(ctx context.Context, letters string) (string, error) {
	if err := l.send(ctx, letters); err != nil {
		return "", err
	}
	limit, cancel := context.WithTimeout(ctx, patienceLong)
	defer cancel()
	line, err := l.port.ReadLine(limit, "\n", maxAnswer)
	if len(line) > 0 && (errors.Is(err, serial.ErrTooLong) || silent(ctx, err)) {
		err = nil
	}
	return strings.ReplaceAll(string(line), "\r", ""), err
}

// askPair sends two letters. A UPS that answers the first alone does not know
// the pair.
func (l *link) askPair(ctx context.Context, letters request) (string, error) {
	if err := l.begin(ctx, string(letters[:1])); err != nil {
		return "", err
	}
	return l.ask(ctx, string(letters[1:]), patience)
}

// begin sends the first letter of several.
func (l *link) begin(ctx context.Context, letter string) error {
	answer, err := l.ask(ctx, letter, peek)
	if silent(ctx, err) {
		return nil
	}
	return errors.Join(err, fmt.Errorf("%q is answered by %q: %w", letter, answer, nut.ErrFailed))
}

// silent tells that err is a UPS that does not answer, and ctx not the cause.
func silent(ctx context.Context, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
}

// wake brings a UPS to its smart mode.
func (l *link) wake(ctx context.Context) error {
	var last string
	for range 5 {
		answer, err := l.ask(ctx, "Y", patienceShort)
		if answer == "SM" {
			return nil
		}
		if err != nil && !silent(ctx, err) {
			return err
		}
		last = answer
		if err := l.send(ctx, "\x1b"); err != nil {
			return err
		}
		if err := serial.Pause(ctx, peek); err != nil {
			return err
		}
	}
	if last == "" {
		return errors.New("no answer to Y: no UPS that speaks APC's Smart protocol, or the cable is not 940-0024C (see cable)")
	}
	return fmt.Errorf("%q is the answer to Y, not SM: no UPS that speaks APC's Smart protocol", last)
}
