package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/conf"
)

const (
	supportTime = 10 * time.Second // for each part
	supportMax  = 4 << 20          // bytes of each part
)

func supportManual() manual.Manual {
	return manual.Manual{
		About: "Collects what a report of a mistake needs into an archive: version, system, configuration, what check says,\nwhat the UPSes say, metrics and the log. Passwords, communities and whatever may be one are left out; look\nthrough it nevertheless before you hand it on: names of hosts and serial numbers are in it.",
		Forms: []string{"[--config-dir DIR] [FILE.tar.gz]"},
		Options: []manual.Option{
			{"--config-dir DIR", "where the configuration is, as for the agent"},
		},
	}
}

// part is a file of the archive: what it is called, and what writes it.
type part struct {
	name  string
	write func(ctx context.Context, w io.Writer) error
}

// runSupport writes the archive.
func runSupport(ctx context.Context, c call) int {
	dir, file := "", "wattnut-support-"+time.Now().UTC().Format("20060102-150405")+".tar.gz"
	args := c.args
	if len(args) >= 2 && args[0] == "--config-dir" {
		dir, args = args[1], args[2:]
	}
	switch {
	case asksHelp(args):
		c.help(supportManual())
		return 0
	case len(args) > 1 || len(args) == 1 && strings.HasPrefix(args[0], "-"):
		return c.mistaken(supportManual())
	case len(args) == 1:
		file = args[0]
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fail(c, err)
	}
	err = collect(ctx, out, dir)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fail(c, err)
	}
	fmt.Fprintf(c.stdout, "%s: look through it before you hand it on\n", file)
	return 0
}

// collect writes all parts. A part that cannot be had has the reason in its place.
func collect(ctx context.Context, w io.Writer, dir string) error {
	cfg, report := config.Load(config.Options{Dir: dir, All: true})
	hide := newCensor(cfg)
	zip := gzip.NewWriter(w)
	archive := tar.NewWriter(zip)
	for _, p := range supportParts(cfg, report) {
		text := &limited{left: supportMax}
		limit, cancel := context.WithTimeout(ctx, supportTime)
		if err := p.write(limit, text); err != nil {
			fmt.Fprintf(text, "\n(%v)\n", err)
		}
		cancel()
		clean := hide.clean(text.String())
		header := &tar.Header{Name: "wattnut-support/" + p.name, Mode: 0o600, Size: int64(len(clean)), ModTime: time.Now()}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.WriteString(archive, clean); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return zip.Close()
}

// limited keeps the first bytes that are written, and takes the others for
// nothing.
type limited struct {
	strings.Builder

	left int
}

func (l *limited) Write(p []byte) (int, error) {
	kept := p[:min(len(p), l.left)]
	l.left -= len(kept)
	l.Builder.Write(kept)
	return len(p), nil
}

func supportParts(cfg *config.Config, report *config.Report) []part {
	parts := []part{
		{"version", func(_ context.Context, w io.Writer) error {
			_, err := fmt.Fprintf(w, "wattnut %s, %s %s/%s, process of user %d\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, os.Getuid())
			return err
		}},
		{"system", func(ctx context.Context, w io.Writer) error {
			return says(ctx, w, "sh", "-c", "uname -a; cat /etc/os-release; ls -l /dev/hidraw* /dev/ttyS* /dev/ttyUSB* /dev/ttyACM* 2>&1; for d in /sys/bus/usb/devices/*/idVendor; do d=${d%/*}; echo $(cat $d/idVendor $d/idProduct $d/manufacturer $d/product 2>/dev/null); done")
		}},
		{"environment", func(_ context.Context, w io.Writer) error { return writeEnvironment(w) }},
		{"check", func(_ context.Context, w io.Writer) error {
			fmt.Fprintf(w, "folder %s, state folder %s (%s)\n", cfg.Dir, cfg.StateDir, cfg.StateBy)
			tell(w, report)
			return nil
		}},
		{"server", func(ctx context.Context, w io.Writer) error { return writeServer(ctx, w, cfg) }},
		{"metrics", func(ctx context.Context, w io.Writer) error { return fetch(ctx, w, cfg.Env.WebListen, "/metrics") }},
		{"log", func(ctx context.Context, w io.Writer) error {
			return says(ctx, w, "journalctl", "--no-pager", "-n", "2000", "-u", "wattnut", "-u", "wattnut-server", "-u", "wattnut-monitor")
		}},
		{"service", func(ctx context.Context, w io.Writer) error {
			return says(ctx, w, "systemctl", "--no-pager", "--full", "status", "wattnut*")
		}},
		{"state-folder", func(ctx context.Context, w io.Writer) error { return says(ctx, w, "ls", "-la", cfg.StateDir) }},
	}
	for _, f := range conf.Formats() {
		path := filepath.Join(cfg.Dir, f.Name)
		if _, err := os.Stat(path); err == nil {
			parts = append(parts, part{"etc/" + f.Name, func(_ context.Context, w io.Writer) error { return writeConf(w, path, f) }})
		}
	}
	return parts
}

// says writes what a program says. What it ends with is in its words.
func says(ctx context.Context, w io.Writer, words ...string) error {
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Stdout, c.Stderr = w, w
	return c.Run()
}

// fetch writes a page of the agent's own.
func fetch(ctx context.Context, w io.Writer, address, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(w, io.LimitReader(answer.Body, supportMax))
	return err
}

// writeServer writes what the agent's server says of each UPS.
func writeServer(ctx context.Context, w io.Writer, cfg *config.Config) error {
	c, err := remote{timeout: "5"}.dial(ctx, addressOf(cfg))
	if err != nil {
		return err
	}
	defer lastly(ctx, c)
	list, err := c.ListUPS(ctx)
	for _, ups := range list {
		fmt.Fprintf(w, "[%s]\n", ups.Name)
		variables, err := c.ListVar(ctx, ups.Name)
		if err != nil {
			fmt.Fprintf(w, "(%v)\n", err)
		}
		for _, v := range variables {
			fmt.Fprintf(w, "%s: %s\n", v.Name, v.Value)
		}
	}
	return err
}
