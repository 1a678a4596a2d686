//go:build linux

package vm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Machine is a machine that runs, or has run. Its methods end the test where they
// say so, and are for the test's goroutine.
type Machine struct {
	tb      testing.TB
	console *console
	orders  *orders
	ready   bool

	done chan struct{}   // closed when the machine is gone
	end  End             // once done is closed
	said strings.Builder // by qemu itself, likewise
}

// Start boots a machine. It is gone when the test has ended, at the latest; if
// the test has failed, its console is in the log.
func Start(tb testing.TB, c Config) *Machine {
	tb.Helper()
	k, c := findKit(tb), c.withDefaults()
	system := filepath.Join(tb.TempDir(), "initramfs")
	if err := c.system(k, system); err != nil {
		tb.Fatalf("virtual machine: %v", err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), c.Timeout)
	m := &Machine{tb: tb, console: newConsole(), done: make(chan struct{})}
	if err := m.boot(ctx, exec.CommandContext(ctx, k.qemu, qemuWords(k.kernel, system, c)...)); err != nil {
		cancel()
		tb.Fatalf("virtual machine: %v", err)
	}
	tb.Cleanup(func() {
		cancel()
		<-m.done
		if tb.Failed() {
			tb.Logf("the machine: %v\n%s%s", m.end, m.said.String(), strings.Join(m.console.all(), "\n"))
		}
	})
	return m
}

// Descriptors of qemu's.
const (
	ordersDescriptor  = "3"
	monitorDescriptor = "4"
)

func qemuWords(kernel, system string, c Config) []string {
	words := []string{
		"-accel", "tcg", "-m", strconv.Itoa(c.Memory),
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-kernel", kernel, "-initrd", system,
		"-append", kernelWords(c),
		"-serial", "stdio",
		"-chardev", "socket,id=orders,fd=" + ordersDescriptor, "-serial", "chardev:orders",
		"-serial", "null", // ttyS2, for tests that want a port
		"-chardev", "socket,id=monitor,fd=" + monitorDescriptor, "-mon", "chardev=monitor,mode=control",
	}
	if c.Disk != "" {
		words = append(words, "-drive", "if=virtio,format=raw,snapshot=on,file="+strings.ReplaceAll(c.Disk, ",", ",,"))
	}
	return words
}

// kernelWords has systemd, if the machine has it, tell all that it does.
func kernelWords(c Config) string {
	words := "console=ttyS0 quiet panic=-1 mitigations=off nokaslr"
	if c.Disk != "" {
		words += " systemd.journald.forward_to_console=1 systemd.show_status=0"
	}
	return words
}

// boot starts qemu, and what listens to it until it is gone.
func (m *Machine) boot(ctx context.Context, qemu *exec.Cmd) error {
	orders, theirs, err := pair()
	if err != nil {
		return err
	}
	monitor, theirMonitor, err := pair()
	if err != nil {
		return errors.Join(err, orders.Close(), theirs.Close())
	}
	defer theirs.Close()
	defer theirMonitor.Close()
	qemu.ExtraFiles = []*os.File{theirs, theirMonitor}
	qemu.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	qemu.Stderr = &m.said
	console, err := qemu.StdoutPipe()
	if err == nil {
		err = qemu.Start()
	}
	if err != nil {
		return errors.Join(err, orders.Close(), monitor.Close())
	}
	m.orders = newOrders(orders)
	go func() {
		defer close(m.done)
		defer orders.Close()
		defer monitor.Close()
		var reason string
		var readers sync.WaitGroup
		readers.Go(func() { m.console.read(console) })
		readers.Go(func() { reason = lastWords(monitor) })
		readers.Wait()
		if err := qemu.Wait(); err != nil && ctx.Err() == nil {
			fmt.Fprintln(&m.said, err)
		}
		m.end = judge(reason, m.console.all(), ctx.Err())
	}()
	return nil
}

// pair returns the two ends of a connection, the second to hand to a child.
func pair() (net.Conn, *os.File, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer ours.Close() // the connection has its own
	conn, err := net.FileConn(ours)
	if err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return conn, theirs, nil
}
