// Loop joins the outputs of a 16550 to its inputs, as that chip can: RTS to CTS, DTR
// to DSR, OUT1 to RI, OUT2 to DCD. "loop PORT" keeps them so, and tells the lines that
// are high whenever they change; "loop PORT NAME" sets an output, and "loop PORT
// -NAME" clears it.
//
// Each opening of a port raises DTR and RTS, so who wants to see them must have it
// open all the time.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// loop, out1 and out2 are TIOCM_LOOP and so on, which package unix does not have.
const (
	loop = 0x8000
	out1 = 0x2000
	out2 = 0x4000
)

func main() {
	port, err := os.OpenFile(os.Args[1], os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	check(err)
	fd := int(port.Fd())
	for _, arg := range os.Args[2:] {
		name, clear := strings.CutPrefix(arg, "-")
		request := uint(unix.TIOCMBIS)
		if clear {
			request = unix.TIOCMBIC
		}
		check(unix.IoctlSetPointerInt(fd, request, map[string]int{"OUT1": out1, "OUT2": out2}[name]))
	}
	if len(os.Args) == 2 {
		check(unix.IoctlSetPointerInt(fd, unix.TIOCMBIS, loop))
		watch(fd)
	}
}

func watch(fd int) {
	for last := -1; ; time.Sleep(time.Millisecond) {
		lines, err := unix.IoctlGetInt(fd, unix.TIOCMGET)
		check(err)
		if lines != last {
			fmt.Println(names(lines))
		}
		last = lines
	}
}

func names(lines int) string {
	var all []string
	for _, l := range []struct {
		name string
		bit  int
	}{{"DTR", unix.TIOCM_DTR}, {"RTS", unix.TIOCM_RTS}, {"CTS", unix.TIOCM_CTS}, {"DCD", unix.TIOCM_CD}, {"DSR", unix.TIOCM_DSR}, {"RI", unix.TIOCM_RI}} {
		if lines&l.bit != 0 {
			all = append(all, l.name)
		}
	}
	return strings.Join(all, " ")
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
