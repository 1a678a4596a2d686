package client_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut/client"
)

// replay is a connection whose other end said everything in advance.
type replay struct {
	net.Conn // nil: what is not below is not used

	answer *bytes.Reader
	closed bool
}

func (r *replay) Read(p []byte) (int, error)  { return r.answer.Read(p) }
func (r *replay) Write(p []byte) (int, error) { return len(p), nil }
func (r *replay) SetDeadline(time.Time) error { return nil }
func (r *replay) Close() error                { r.closed = true; return nil }
func newReplay(answer []byte) *replay         { return &replay{answer: bytes.NewReader(answer)} }
func (r *replay) client() *client.Client      { return client.New(r, small()) }
func small() *client.Options                  { return &client.Options{MaxLine: 256, MaxRows: 16, MaxList: 1024} }

func whole(ctx context.Context, c *client.Client) bool {
	list := client.ListVar("u")
	get := client.GetVar("u", "a.b")
	err := c.Do(ctx, list, client.ListRange("u", "a"), get, client.GetType("u", "a"),
		client.NumLogins("u"), client.Set("u", "a", "b"), client.Tracking("id"), client.Login("u"))
	return err == nil
}

// FuzzAnswers feeds a client with whatever a server could send: nothing may
// panic or grow without bounds, and a call either has a whole answer or an
// error.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("BEGIN LIST VAR u\nVAR u a \"1\"\nEND LIST VAR u\nBEGIN LIST RANGE u a\nRANGE u a \"1\" \"2\"\nEND LIST RANGE u a\n" +
		"VAR u a.b \"x\"\nTYPE u a RW STRING:5\nNUMLOGINS u 1\nOK TRACKING id\nPENDING\nOK\n"))
	f.Add([]byte("ERR DATA-STALE\nERR X y z\nERR\n"))
	f.Add([]byte("BEGIN LIST VAR u\r\nERR DATA-STALE\r\n"))
	f.Add([]byte("BEGIN LIST VAR \"u\"\nVAR u \"a\\\"\\\\\\#\" \"\x80\x00\"\nEND LIST VAR u\n"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		conn := newReplay(answer)
		c := conn.client()
		ok := whole(t.Context(), c)
		if ok == (c.Unusable() != nil) || ok == conn.closed {
			t.Errorf("ok %t, unusable %v, closed %t", ok, c.Unusable(), conn.closed)
		}
		if ok && bytes.Count(answer, []byte("\n")) < 8 {
			t.Error("fewer lines than answers")
		}
	})
}

func BenchmarkGetVar(b *testing.B) {
	answer := bytes.Repeat([]byte("VAR u ups.status \"OL\"\n"), 1000)
	conn := newReplay(answer)
	c := client.New(conn, nil)
	for b.Loop() {
		if conn.answer.Len() == 0 {
			conn.answer.Seek(0, io.SeekStart)
		}
		if _, err := c.GetVar(b.Context(), "u", "ups.status"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkListVar(b *testing.B) {
	answer := []byte("BEGIN LIST VAR u\n" + string(bytes.Repeat([]byte("VAR u input.voltage \"230.1\"\n"), 40)) + "END LIST VAR u\n")
	conn := newReplay(answer)
	c := client.New(conn, nil)
	for b.Loop() {
		conn.answer.Seek(0, io.SeekStart)
		if list, err := c.ListVar(b.Context(), "u"); err != nil || len(list) != 40 {
			b.Fatal(len(list), err)
		}
	}
}
