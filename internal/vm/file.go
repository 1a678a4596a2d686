package vm

import (
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// File is a file for the machine. The zero value is an empty one that only root
// may read.
type File struct {
	mode fs.FileMode
	text string // or where a link leads to
	host string // a file of the host's to copy; "" for text
}

// Text is a file to read.
func Text(content string) File { return File{mode: 0o644, text: content} }

// Secret is a file that only root reads.
func Secret(content string) File { return File{mode: 0o600, text: content} }

// Script is a program for the machine's shell.
func Script(content string) File { return File{mode: 0o755, text: "#!/bin/sh\n" + content} }

// Link is a symbolic link.
func Link(target string) File { return File{mode: fs.ModeSymlink | 0o777, text: target} }

// Dir is a folder that is there even if nothing is in it.
func Dir() File { return File{mode: fs.ModeDir | 0o755} }

// Program is a copy of a program of the host's. What it needs beside itself is
// not looked for: see [Programs].
func Program(host string) File { return File{mode: 0o755, host: host} }

// tree is a file system: files by their absolute, clean path.
type tree map[string]File

// write writes the tree as an archive, with the folders that lead to its files.
func (t tree) write(w io.Writer) error {
	all := make(tree)
	for name, file := range t {
		name = path.Clean("/" + name)
		all[name] = file
		for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
			if _, there := t[dir]; !there {
				all[dir] = Dir()
			}
		}
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	a := archive{w: w}
	for _, name := range names {
		if err := all[name].append(&a, strings.TrimPrefix(name, "/")); err != nil {
			return err
		}
	}
	return a.close()
}

// append appends the file to the archive.
func (f File) append(a *archive, name string) error {
	mode := uint32(f.mode.Perm())
	switch {
	case f.mode.IsDir():
		return a.add(name, mode|typeDir, 0, strings.NewReader(""))
	case f.mode&fs.ModeSymlink != 0:
		return a.add(name, mode|typeLink, int64(len(f.text)), strings.NewReader(f.text))
	case f.host == "":
		return a.add(name, mode|typeFile, int64(len(f.text)), strings.NewReader(f.text))
	}
	file, err := os.Open(f.host)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return a.add(name, mode|typeFile, info.Size(), file)
}
