package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/client"
)

// configured is the name of the UPS that a found device is already, "" if none:
// one of its driver whose settings do not say otherwise. A bare "port = auto" is
// any device of its driver.
func configured(cfg *config.Config, f drivers.Found) string {
	for _, ups := range cfg.UPSes {
		if ups.Driver != f.Driver && !slices.Contains(f.Others, ups.Driver) {
			continue
		}
		if !slices.ContainsFunc(ups.Settings, func(s config.Setting) bool { return contradicts(f, s.Name, s.Value) }) {
			return ups.Name
		}
	}
	return ""
}

// contradicts tells whether a device is another than a setting asks for. The
// settings of USB devices are regular expressions.
func contradicts(f drivers.Found, name, value string) bool {
	for _, s := range slices.Concat(f.Settings, f.Hints) {
		if s.Name != name || strings.EqualFold(s.Value, value) {
			continue
		}
		if name == "port" {
			return true
		}
		pattern, err := regexp.Compile("(?i)^(?:" + value + ")$")
		return err != nil || !pattern.MatchString(s.Value)
	}
	return false
}

// sectionNames makes names that no section has.
type sectionNames map[string]bool

func newSectionNames(cfg *config.Config) sectionNames {
	taken := make(sectionNames)
	for _, ups := range cfg.UPSes {
		taken[strings.ToLower(ups.Name)] = true
	}
	return taken
}

// next names a device after what a person would call it: the UPS of another
// server by its name there, others by their product or address.
func (n sectionNames) next(f drivers.Found) string {
	base := "ups"
	for _, s := range f.Settings {
		switch s.Name {
		case "product":
			base = s.Value
		case "port":
			if target, err := client.ParseTarget(s.Value); err == nil && strings.Contains(s.Value, "@") {
				base = target.UPS
			} else if s.Value != "auto" {
				base = strings.TrimSuffix(filepath.Base(s.Value), filepath.Ext(s.Value))
				if f.Driver == "snmp-ups" {
					base = s.Value
				}
			}
		}
	}
	base = tame(base)
	for name, i := base, 2; ; name, i = fmt.Sprintf("%s-%d", base, i), i+1 {
		if !n[name] {
			n[name] = true
			return name
		}
	}
}

// tame makes a section's name of any text.
func tame(text string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, text)
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	name = strings.Trim(name, "-")
	if name == "" {
		return "ups"
	}
	return name[:min(len(name), 40)]
}

// addSections puts sections behind those that ups.conf has, all at once: whoever
// reads it sees the old file or the new one. It returns the file's path.
func addSections(dir, sections string) (path string, err error) {
	path = filepath.Join(dir, "ups.conf")
	mode, old := fs.FileMode(0o640), []byte(nil)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return path, err
	default:
		mode = info.Mode().Perm()
		if old, err = os.ReadFile(path); err != nil {
			return path, err
		}
		if len(old) > 0 && old[len(old)-1] != '\n' {
			old = append(old, '\n')
		}
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".ups.conf-*")
	if err != nil {
		return path, err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // where it was renamed there is nothing to remove
	_, err = file.Write(append(old, sections...))
	err = errors.Join(err, file.Chmod(mode), keepOwner(file, info), file.Sync(), file.Close())
	if err != nil {
		return path, err
	}
	return path, os.Rename(file.Name(), path)
}
