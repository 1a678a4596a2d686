package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/manual"
)

// logOptions are what upslog is told on its command line.
type logOptions struct {
	remote
	ups, file  string   // -s, -l
	tuples     []string // -m
	format     string   // -f
	named      bool     // -N
	interval   time.Duration
	count      int // -d; 0 is endless
	pidBase    string
	user       string
	foreground bool // -F
	behind     bool // -B
	sources    []*logSource
}

func defaultLogOptions() logOptions {
	return logOptions{format: defaultLogFormat, interval: 30 * time.Second, pidBase: "upslog"}
}

// parse reads the command line. With done, the program is over.
func (o *logOptions) parse(c call) (code int, done bool) {
	options := getopt.New(c.name, c.args, logManual().Letters())
	for opt, arg := range options.All() {
		switch opt {
		case 'V':
			banner(c.stdout, c.name)
			return 0, true
		case 'h':
			c.help(logManual())
			return 0, true
		}
		if err := o.option(opt, arg); err != nil {
			fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
			return 1, true
		}
	}
	err := options.Err()
	if err == nil {
		err = o.words(options.Rest())
	}
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		c.help(logManual())
		return 1, true
	}
	return 0, false
}

func (o *logOptions) option(opt byte, arg string) (err error) {
	switch opt {
	case 's':
		o.ups = arg
	case 'l':
		o.file = arg
	case 'm':
		o.tuples = append(o.tuples, arg)
	case 'f':
		o.format = arg
	case 'N':
		o.named = true
	case 'i':
		o.interval, err = logInterval(arg)
	case 'd':
		if o.count, err = strconv.Atoi(arg); err != nil || o.count < 1 {
			err = fmt.Errorf("count %q: not a number of samples", arg)
		}
	case 'p':
		o.pidBase = arg
	case 'u':
		o.user = arg
	case 'F':
		o.foreground = true
	case 'B':
		o.behind = true
	case 'W':
		o.timeout = arg
	}
	return err
}

// words takes the form without Options: UPS, file, interval and perhaps a
// format.
func (o *logOptions) words(words []string) (err error) {
	if len(words) == 0 {
		return nil
	}
	if len(words) < 3 {
		return fmt.Errorf("upslog: words that are no Options: %s", strings.Join(words, " "))
	}
	o.ups, o.file = words[0], words[1]
	if len(words) > 3 {
		o.format = strings.Join(words[3:], " ")
	}
	o.interval, err = logInterval(words[2])
	return err
}

func logInterval(text string) (time.Duration, error) {
	seconds, err := strconv.ParseUint(text, 10, 31)
	if err != nil || seconds < 1 {
		return 0, fmt.Errorf("interval %q: not a number of seconds", text)
	}
	return time.Duration(seconds) * time.Second, nil
}

// settle makes the sources of what was said, and the format.
func (o *logOptions) settle() error {
	if o.named {
		o.format = "%UPSHOST%%t" + o.format
	}
	if o.ups != "" && o.file == "" {
		return errNoLogfile
	}
	if o.ups == "" && len(o.tuples) == 0 {
		return errNoUPS
	}
	if o.ups != "" {
		if err := o.add(o.ups, o.file); err != nil {
			return err
		}
	}
	for _, tuple := range o.tuples {
		ups, file, ok := strings.Cut(tuple, ",")
		if !ok || ups == "" || file == "" {
			return fmt.Errorf("upslog: -m %s: not of the form <ups>,<file>", tuple)
		}
		if err := o.add(ups, file); err != nil {
			return err
		}
	}
	return nil
}

func (o *logOptions) add(ups, file string) error {
	source, err := newLogSource(ups, file)
	if err != nil {
		return err
	}
	source.remote = o.remote
	o.sources = append(o.sources, source)
	return nil
}

// background tells whether to leave the terminal: as NUT's does, where nothing
// is written to it.
func (o *logOptions) background() bool {
	if o.foreground || o.behind {
		return o.behind && !o.foreground
	}
	for _, s := range o.sources {
		if s.file == "-" {
			return false
		}
	}
	return true
}

func logManual() manual.Manual {
	return manual.Manual{About: "Writes what UPSes say to files, time and again.", Forms: []string{"[OPTIONS]"}, Taken: "DA:", Options: []manual.Option{
		{"-s <ups>", "the UPS as <upsname>[@<hostname>[:<port>]]; * for all of that host"},
		{"-l <logfile>", "the file to append to, - for the standard output"},
		{"-m <ups>,<logfile>", "another UPS and its file; as often as you like"},
		{"-f <format>", "what a line has, see below"},
		{"-N", "begin each line with the UPS"},
		{"-i <interval>", "seconds between samples (30)"},
		{"-d <count>", "end after so many samples"},
		{"-F", "stay in the foreground, which is the rule if - is written to"},
		{"-B", "go to the background nevertheless"},
		{"-p <pidbase>", "the name of the PID file (upslog)"},
		{"-u <user>", "the user to become if started as root"},
		{"-W <secs>", "the longest time to connect (" + defaultConnectTimeout + ")"},
		{"-V", "the version of this program"},
		{"-h", "this text"},
		{"%VAR <name>%", "the value of a variable, NA if the UPS has none"},
		{"%TIME <format>%", "the time as strftime writes it, with @ for its %"},
		{"%ETIME%", "the time in seconds since 1970"},
		{"%HOST% %UPSHOST% %PID%", "this host, the UPS, this process"},
		{"%t %%", "a TAB, a %"},
	}, Notes: "The format is " + defaultLogFormat + "\nunless it is given. SIGHUP opens the files anew, SIGUSR1 takes a sample now."}
}
