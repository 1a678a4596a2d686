package probe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

const (
	maxFile    = 1 << 20 // bytes
	maxTargets = 4096
)

// file is what an operator writes.
type file struct {
	Targets []entry `yaml:"targets"`
}

// Load reads a file of targets. Files that it names are looked for beside it. It
// tells all that is wrong, each as a [*LineError].
func Load(path string) ([]Target, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &LineError{File: path, Text: reason(err)}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, &LineError{File: path, Text: reason(err)}
	case len(text) > maxFile:
		return nil, &LineError{File: path, Text: fmt.Sprintf("it has more than %d bytes", maxFile)}
	}
	targets, err := Parse(text, filepath.Dir(path))
	for _, e := range LineErrors(err) {
		e.File = path
	}
	return targets, err
}

// reason leaves the path out of an error of the file system.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return err.Error()
}

// Parse reads the text of a file of targets; files that it names are looked for
// in dir. Its errors are as those of Load.
func Parse(text []byte, dir string) ([]Target, error) {
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, lineErrors(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &LineError{Text: "there is more than one document in it"}
	}
	if len(f.Targets) > maxTargets {
		return nil, &LineError{Text: fmt.Sprintf("it has more than %d targets", maxTargets)}
	}
	var places struct {
		Targets []yaml.Node `yaml:"targets"`
	}
	if err := yaml.Unmarshal(text, &places); err != nil {
		return nil, lineErrors(err)
	}
	return resolve(f.Targets, places.Targets, dir)
}

func resolve(entries []entry, places []yaml.Node, dir string) ([]Target, error) {
	var errs []error
	targets := make([]Target, 0, len(entries))
	seen := make(map[string]int)
	for i, e := range entries {
		line := places[i].Line
		t, err := e.target(dir)
		if before := seen[t.Address]; err == nil && before != 0 {
			err = fmt.Errorf("target %s is in line %d already", t.Address, before)
		}
		if err != nil {
			errs = append(errs, &LineError{Line: line, Text: err.Error()})
			continue
		}
		seen[t.Address] = line
		targets = append(targets, t)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return targets, nil
}

// LineError is something wrong in a file of targets.
type LineError struct {
	File string // "" for a text that is in none
	Line int    // 0 where it is not known
	Text string
}

// Error has the place first, as in "probe.yml:7: field user not found".
func (e *LineError) Error() string {
	switch {
	case e.File != "" && e.Line != 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
	case e.File != "":
		return e.File + ": " + e.Text
	case e.Line != 0:
		return fmt.Sprintf("%d: %s", e.Line, e.Text)
	}
	return e.Text
}

// LineErrors takes the errors of [Load] and [Parse] apart.
func LineErrors(err error) []*LineError {
	if e, ok := err.(*LineError); ok { //nolint:errorlint // they are never wrapped
		return []*LineError{e}
	}
	var all []*LineError
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			all = append(all, LineErrors(e)...)
		}
	}
	return all
}

var (
	yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	// ourType names a type of ours, which means nothing to who wrote the file.
	ourType = regexp.MustCompile(` (?:in type|into) \S*probe\.\S+`)
)

// lineErrors takes apart what the decoder says.
func lineErrors(err error) error {
	texts := []string{err.Error()}
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = wrong.Errors
	}
	var errs []error
	for _, text := range texts {
		e := &LineError{Text: text}
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			e.Line, _ = strconv.Atoi(m[1]) // digits
			e.Text = m[2]
		}
		e.Text = ourType.ReplaceAllString(e.Text, "")
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}
