package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// logSinks are the files that upslog writes to, by their names. "-" is the
// standard output.
type logSinks struct {
	stdout, stderr io.Writer
	files          map[string]*os.File
	broken         map[string]bool // a failed write was told
}

// open opens the files of the sources, anew if they are open: somebody may have
// moved them away.
func (s *logSinks) open(sources []*logSource) error {
	fresh := make(map[string]*os.File)
	for _, src := range sources {
		if src.file == "-" || fresh[src.file] != nil {
			continue
		}
		f, err := os.OpenFile(src.file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err != nil {
			closeFiles(fresh)
			cause := err
			if path, ok := errors.AsType[*fs.PathError](err); ok {
				cause = path.Err
			}
			return fmt.Errorf("could not open logfile %s: %s", src.file, systemText(cause))
		}
		fresh[src.file] = f
	}
	closeFiles(s.files)
	s.files, s.broken = fresh, make(map[string]bool)
	return nil
}

// write appends a line to a file. A file that cannot be written is told of
// once, and tried again with the next line.
func (s *logSinks) write(file string, line []byte) {
	w := s.stdout
	if file != "-" {
		w = s.files[file]
	}
	_, err := w.Write(line)
	if err != nil && !s.broken[file] {
		fmt.Fprintln(s.stderr, "upslog:", err)
	}
	s.broken[file] = err != nil
}

func (s *logSinks) close() { closeFiles(s.files) }

func closeFiles(files map[string]*os.File) {
	for _, f := range files {
		f.Close()
	}
}
