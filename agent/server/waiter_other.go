//go:build !unix

package server

import (
	"net"
	"sync/atomic"
)

// waiter reads requests.
type waiter struct{}

func (*waiter) watch(net.Conn, *atomic.Bool) {}

func (*waiter) read(conn net.Conn, p []byte) (int, error) { return conn.Read(p) }
