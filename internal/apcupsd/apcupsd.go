// Package apcupsd makes NUT's configuration of an apcupsd.conf. Nothing of
// apcupsd is needed: its file is lines of a word and a value, as its manual has
// them.
package apcupsd

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/nut/wire"
)

// Settings are what an apcupsd.conf says, by the words in capitals. A word
// without a value has "".
type Settings map[string]string

// maxLine is the longest line that is read.
const maxLine = 64 << 10

// Parse reads an apcupsd.conf. The last line of a word counts. Only the file's
// form can be wrong.
func Parse(r io.Reader) (Settings, error) {
	s := make(Settings)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		word, value, _ := strings.Cut(strings.TrimSpace(text), " ")
		if before, after, tab := strings.Cut(word, "\t"); tab {
			word, value = before, after+" "+value
		}
		if word == "" {
			continue
		}
		if strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			return nil, fmt.Errorf("line %d: %q is no word of apcupsd.conf", n, word)
		}
		s[strings.ToUpper(word)] = strings.TrimSpace(value)
	}
	return s, lines.Err()
}

// Converted is a configuration of NUT's.
type Converted struct {
	Files   map[string]string // by name
	Remarks []string          // what differs, or is left to do, for people
}

// Convert makes a configuration that protects the same host from the same UPS,
// at the same limits. password is for the one user that the files have.
func (s Settings) Convert(password string) Converted {
	c := Converted{Files: make(map[string]string)}
	name := s.section()
	c.Files["ups.conf"] = fmt.Sprintf("[%s]\n%s", name, s.driver(&c))
	c.Files["upsd.conf"] = "LISTEN 127.0.0.1 3493\n"
	c.Files["upsd.users"] = fmt.Sprintf("[monitor]\n    password = %s\n    upsmon primary\n", password)
	c.Files["upsmon.conf"] = fmt.Sprintf("MONITOR %s@localhost 1 monitor %s primary\nMINSUPPLIES 1\n%s"+
		"SHUTDOWNCMD \"/sbin/shutdown -h +0\"\nPOWERDOWNFLAG /etc/killpower\nRUN_AS_USER nut\n", name, password, s.limits(&c))
	c.Files["nut.conf"] = s.late()
	s.remarks(&c)
	return c
}

func (c *Converted) remark(format string, args ...any) {
	c.Remarks = append(c.Remarks, fmt.Sprintf(format, args...))
}

// section is a name for the UPS that NUT takes.
func (s Settings) section() string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, s["UPSNAME"])
	if name == "" {
		return "ups"
	}
	return name
}

// cables are the types of genericups by APC's simple cables.
var cables = map[string]int{
	"940-0020B": 2, "940-0020C": 2, "940-0023A": 9, "940-0095A": 1, "940-0095B": 1, "940-0095C": 1, "940-0119A": 12,
}

// driver is the inside of the section of ups.conf.
func (s Settings) driver(c *Converted) string {
	device := s["DEVICE"]
	lines := func(pairs ...string) string {
		var b strings.Builder
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				fmt.Fprintf(&b, "    %s = %s\n", pairs[i], wire.AppendWord(nil, pairs[i+1]))
			}
		}
		if n, err := strconv.Atoi(s["POLLTIME"]); err == nil && n > 0 {
			fmt.Fprintf(&b, "    pollinterval = %d\n", n)
		}
		return b.String()
	}
	switch kind := strings.ToLower(s["UPSTYPE"]); kind {
	case "apcsmart", "smart":
		return lines("driver", "apcsmart", "port", device)
	case "dumb":
		upstype, known := cables[strings.ToUpper(s["UPSCABLE"])]
		if !known {
			c.remark("UPSCABLE %s: choose upstype in ups.conf, from the list of genericups", s["UPSCABLE"])
		}
		return lines("driver", "genericups", "port", device, "upstype", strconv.Itoa(upstype))
	case "snmp":
		host, community := snmpDevice(device)
		c.remark("the community of SNMP was taken over; version 3 needs more settings, see the page of snmp-ups")
		return lines("driver", "snmp-ups", "port", host, "community", community)
	case "net":
		if _, _, err := net.SplitHostPort(device); err != nil && device != "" {
			device = net.JoinHostPort(device, "3551")
		}
		c.remark("UPSTYPE net: that host runs apcupsd; where it moves too, its UPS is MONITOR ups@host here, as a secondary, and this section can go")
		return lines("driver", "apcupsd-ups", "port", device)
	case "modbus":
		port := "auto"
		if device != "" {
			port = device
		}
		return lines("driver", "apc_modbus", "port", port)
	case "pcnet":
		c.remark("UPSTYPE pcnet has no driver; the same management card speaks SNMP: fill in port and community")
		host, _, _ := strings.Cut(device, ":")
		return lines("driver", "snmp-ups", "port", host, "community", "public")
	default:
		if kind != "usb" {
			c.remark("UPSTYPE %q is not known: taken for usb", s["UPSTYPE"])
		}
		return lines("driver", "usbhid-ups", "port", "auto")
	}
}

// snmpDevice reads host:port:vendor:community, of which all but the host may be
// missing.
func snmpDevice(text string) (host, community string) {
	words := strings.SplitN(text, ":", 4)
	host, community = words[0], "private"
	if len(words) > 1 && words[1] != "" && words[1] != "161" {
		host += ":" + words[1]
	}
	if len(words) > 3 && words[3] != "" {
		community = words[3]
	}
	return host, community
}

// limits is the line of upsmon.conf that shuts down where apcupsd did: before the
// UPS says that its battery is low.
func (s Settings) limits(c *Converted) string {
	number := func(word string, fallback int) int {
		n, err := strconv.Atoi(s[word])
		if err != nil {
			return fallback
		}
		return n
	}
	line := ""
	if n := number("BATTERYLEVEL", 5); n > 0 {
		line += fmt.Sprintf(" CHARGE %d", min(n, 100))
	}
	if n := number("MINUTES", 3); n > 0 {
		line += fmt.Sprintf(" RUNTIME %d", n*60)
	}
	if n := number("TIMEOUT", 0); n > 0 {
		line += fmt.Sprintf(" ONBATTERY %d", n)
	}
	if line == "" {
		return ""
	}
	c.remark("shutdown as before:%s; and, as NUT does, when the UPS says that its battery is low", line)
	return "SHUTDOWN_WHEN *" + line + "\n"
}

// late is nut.conf.
func (s Settings) late() string {
	if n, err := strconv.Atoi(s["KILLDELAY"]); err == nil && n > 0 {
		return fmt.Sprintf("# After the UPS was told to cut the power, so long before this host starts again.\nPOWEROFF_WAIT=%d\n", n+60)
	}
	return "#POWEROFF_WAIT=60\n"
}
