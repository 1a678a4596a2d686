package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/wattnut/wattnut/agent/sched"
	"github.com/wattnut/wattnut/nut/conf"
)

// Config is all that was configured.
type Config struct {
	Dir      string // where the files are
	StateDir string // where local sockets are
	StateBy  string // what named StateDir: a variable, a file, or "built-in"
	PIDDir   string // for the PID files of upsmon and the like: NUT_PIDPATH, else /run
	AltPID   string // for those of upsd and drivers: NUT_ALTPIDPATH, else StateDir

	DriverPath string // where programs of NUT's drivers are, "" if ups.conf does not say
	Chroot     string // ups.conf's chroot
	UPSes      []UPS  // in the order of ups.conf, then of the environment; broken ones among them
	Server     Server
	Users      []User
	Env        Env
}

// Options say how to load.
type Options struct {
	Dir string // "" looks where [Dir] does
	// Strict asks for all files that NUT's upsd needs, and takes no UPS from
	// the environment alone to do without them. Otherwise a missing file is
	// one without a line.
	Strict bool
	// All also checks the files that only other programs read, such as
	// upsmon.conf.
	All bool
}

// Dir is the folder of the configuration: asked, if it is not "", else
// NUT_CONFPATH, else /etc/wattnut if it exists, else /etc/nut.
func Dir(asked string) string {
	if asked != "" {
		return asked
	}
	if dir := os.Getenv("NUT_CONFPATH"); dir != "" {
		return dir
	}
	if info, err := os.Stat("/etc/wattnut"); err == nil && info.IsDir() {
		return "/etc/wattnut"
	}
	return "/etc/nut"
}

// Load reads the files and the environment. Neither result is nil; a Config
// with fatal problems is not fit to be started.
func Load(o Options) (*Config, *Report) {
	l := &loader{options: o, config: &Config{Dir: Dir(o.Dir)}, report: new(Report)}
	l.config.Env = l.environment()
	if err := folder(o.Dir); err != nil {
		l.report.Add(o.Dir, err)
		return l.config, l.report
	}
	ups, upsd := l.read(conf.UPSConf, o.Strict), l.read(conf.UPSDConf, o.Strict)
	users := l.read(conf.UPSDUsers, o.Strict)
	l.upses(ups)
	l.server(upsd, l.nutConf())
	l.users(users)
	l.dirs(ups.Global())
	l.nothing()
	if o.All {
		l.upsmon(l.read(conf.UPSMonConf, false))
		_, problems := sched.Parse(l.read(conf.UPSSchedConf, false))
		l.report.Problems = append(l.report.Problems, problems...)
		for _, f := range []*conf.Format{conf.HostsConf, conf.UPSSetConf, conf.UPSLogConf} {
			l.read(f, false)
		}
	}
	l.report.sort()
	return l.config, l.report
}

// folder tells what is wrong with the folder that was asked for, if one was.
func folder(asked string) error {
	if asked == "" {
		return nil
	}
	info, err := os.Stat(asked)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such folder")
	case err == nil && !info.IsDir():
		return errors.New("it is a file: give the folder that it is in")
	}
	return nil // the files will tell
}

type loader struct {
	options Options
	config  *Config
	report  *Report
	state   string // upsd.conf's STATEPATH
}

// read reads one file and reports what is wrong in it. It returns an empty
// File for one that could not be read.
func (l *loader) read(f *conf.Format, needed bool) *conf.File {
	return l.readPath(f, filepath.Join(l.config.Dir, f.Name), needed)
}

// readPath reads one file from where it is.
func (l *loader) readPath(f *conf.Format, path string, needed bool) *conf.File {
	empty := &conf.File{Format: f, Sections: []*conf.Section{{}}}
	file, err := os.Open(path)
	if err != nil {
		if needed || !errors.Is(err, fs.ErrNotExist) {
			l.report.Add(f.Name, unreadable(f.Name, path, err))
		}
		return empty
	}
	defer file.Close()
	l.permissions(f.Name, file)
	parsed, err := conf.Parse(f, file)
	if err != nil {
		l.report.Add(f.Name, readError(path, err))
		return empty
	}
	l.report.Problems = append(l.report.Problems, parsed.Problems...)
	return parsed
}

// nutConf reads nut.conf, which NUT's upsd sees through the environment only.
// What is wrong in it stops nothing.
func (l *loader) nutConf() *conf.File {
	before := len(l.report.Problems)
	file := l.read(conf.NUTConf, false)
	if !l.options.All {
		l.report.Problems = l.report.Problems[:before]
	}
	return file
}

// nothing reports that there is nothing to do.
func (l *loader) nothing() {
	if l.config.Server.AllowNoDevice || slices.ContainsFunc(l.report.Problems, func(p conf.Problem) bool {
		return p.File == "ups.conf" && p.Severity == conf.Fatal
	}) {
		return
	}
	for _, u := range l.config.UPSes {
		if !u.Broken {
			return
		}
	}
	text := "there is no UPS: " +
		"write a section for one into " + filepath.Join(l.config.Dir, "ups.conf") + ", or set WATTNUT_UPS_NAME=\"driver=... port=...\"" +
		"; \"wattnut demo\" shows simulated ones, and ALLOW_NO_DEVICE in upsd.conf starts without any"
	if len(l.config.UPSes) > 0 {
		text = "there is no UPS that can be started: see the other messages"
	}
	l.report.add(conf.Problem{File: "ups.conf", Severity: conf.Fatal, Text: text})
}
