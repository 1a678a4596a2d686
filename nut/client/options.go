package client

import (
	"cmp"
	"net"
	"time"
)

// Options bound what a server can cost. The zero value, or nil, has the
// defaults; a zero field stands for its default.
type Options struct {
	// Timeout is the longest time to connect, and to wait for one whole
	// answer; the context of a call can be shorter. 5 s by default, as in
	// NUT's own library.
	Timeout time.Duration
	// MaxLine is the longest line that is read, in bytes. 64 KiB by default.
	MaxLine int
	// MaxRows is the longest list that is read, in rows. 65536 by default.
	MaxRows int
	// MaxList is the most bytes that one list may have. 8 MiB by default.
	MaxList int
	// Dialer connects, in the time that it allows. nil is one that allows
	// Timeout.
	Dialer *net.Dialer
}

func (o *Options) orDefaults() Options {
	if o == nil {
		o = &Options{}
	}
	timeout := cmp.Or(o.Timeout, 5*time.Second)
	return Options{
		Timeout: timeout,
		MaxLine: cmp.Or(o.MaxLine, 64<<10),
		MaxRows: cmp.Or(o.MaxRows, 64<<10),
		MaxList: cmp.Or(o.MaxList, 8<<20),
		Dialer:  cmp.Or(o.Dialer, &net.Dialer{Timeout: timeout}),
	}
}
