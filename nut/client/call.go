package client

import (
	"context"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/nut/wire"
)

// Request is a [Call] of whatever type.
type Request interface {
	// String is what is asked, without any password.
	fmt.Stringer
	// prepare returns the line to send, or why it cannot be sent.
	prepare() ([]byte, error)
	// answer reads the answer; its error is one that ends the connection.
	answer(in *reader) error
	// fail says why there is no answer.
	fail(err error)
}

// Call is a request and, once [Client.Do] has asked it, the answer to it.
type Call[T any] struct {
	about string // the request without secrets
	line  []byte
	unfit error
	read  func(in *reader, first line) (T, error)
	value T
	err   error
}

// ask makes the call of a request whose answer read understands.
func ask[T any](read func(*reader, line) (T, error), words ...string) *Call[T] {
	q := &Call[T]{about: strings.Join(words, " "), read: read, err: errUnasked}
	for i, w := range words {
		if !wire.Clean(w) {
			q.unfit = fmt.Errorf("%s: word %d %w", words[0], i+1, ErrArgument)
		}
	}
	q.line = wire.AppendLine(nil, words...)
	return q
}

// as gives the call another name in messages.
func (q *Call[T]) as(about string) *Call[T] {
	q.about = about
	return q
}

// String is what is asked, without any password.
func (q *Call[T]) String() string { return q.about }

// Result is the answer, or why there is none.
func (q *Call[T]) Result() (T, error) {
	if q.err == errUnasked { //nolint:errorlint // never wrapped
		return q.value, fmt.Errorf("%s: %w", q.about, q.err)
	}
	return q.value, q.err
}

func (q *Call[T]) prepare() ([]byte, error) { return q.line, q.unfit }

func (q *Call[T]) fail(err error) {
	var none T
	q.value, q.err = none, err
}

func (q *Call[T]) answer(in *reader) error {
	in.begin(q.about)
	first, err := in.next()
	if err != nil {
		return err
	}
	if refused, err := in.refusal(first); err != nil {
		return err
	} else if refused != nil {
		q.fail(refused)
		return nil
	}
	value, err := q.read(in, first)
	if err != nil {
		return err
	}
	q.value, q.err = value, nil
	return nil
}

// one asks a single call.
func one[T any](ctx context.Context, c *Client, q *Call[T]) (T, error) {
	_ = c.Do(ctx, q) // the call has its error
	return q.Result()
}
