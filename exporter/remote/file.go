package remote

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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

// Load reads a file of targets. Files that it names are looked for beside it.
// An error begins with the file and the line.
func Load(path string) ([]Target, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: it has more than %d bytes", path, maxFile)
	}
	targets, err := Parse(text, filepath.Dir(path))
	if err != nil {
		return nil, within(path, err)
	}
	return targets, nil
}

// Parse reads the text of a file of targets; files that it names are looked for
// in dir. It tells all that is wrong, each as a [*LineError].
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
			errs = append(errs, &LineError{line, err.Error()})
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
	Line int // 0 where it is not known
	Text string
}

// Error has the line first, as in "7: field user not found".
func (e *LineError) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("%d: %s", e.Line, e.Text)
}

var (
	yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	// ourType names a type of ours, which means nothing to who wrote the file.
	ourType = regexp.MustCompile(` (?:in type|into) \S*remote\.\S+`)
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

// within puts the file's name before each of the errors.
func within(path string, err error) error {
	errs := []error{err}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		errs = many.Unwrap()
	}
	for i, e := range errs {
		errs[i] = fmt.Errorf("%s:%w", path, e)
	}
	return errors.Join(errs...)
}
