package vm

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// modules are the kernel modules below a folder /lib/modules/RELEASE.
type modules struct {
	files   map[string]string // by name
	builtin map[string]bool   // in the kernel itself
}

// findModules lists the modules of a kernel. The package of a kernel has no
// modules.dep, which depmod would write; what a module needs, it says itself.
func findModules(dir string) (*modules, error) {
	list, err := os.ReadFile(filepath.Join(dir, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	m := &modules{files: make(map[string]string), builtin: make(map[string]bool)}
	for path := range strings.FieldsSeq(string(list)) {
		m.builtin[moduleName(path)] = true
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".ko" {
			m.files[moduleName(path)] = path
		}
		return err
	})
	return m, err
}

// moduleName is the name of a module by that of its file; in the names of
// modules, - and _ are the same.
func moduleName(path string) string {
	return strings.ReplaceAll(strings.TrimSuffix(filepath.Base(path), ".ko"), "-", "_")
}

// order returns the files of the named modules and of all that they need, each
// after what it needs: as they are to be loaded.
func (m *modules) order(names ...string) ([]string, error) {
	var files []string
	seen := make(map[string]bool)
	var add func(name string) error
	add = func(name string) error {
		name = moduleName(name)
		if seen[name] || m.builtin[name] {
			return nil
		}
		seen[name] = true
		file, ok := m.files[name]
		if !ok {
			return fmt.Errorf("kernel module %s: the kernel has none", name)
		}
		needs, err := moduleNeeds(file)
		for _, need := range needs {
			err = errors.Join(err, add(need))
		}
		files = append(files, file)
		return err
	}
	for _, name := range names {
		if err := add(name); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// moduleNeeds reads the names of the modules that the module in a file needs:
// its section .modinfo has them as depends=a,b among other texts.
func moduleNeeds(file string) ([]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("kernel module: %w", err)
	}
	f, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("kernel module %s: %w", file, err)
	}
	section := f.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("kernel module %s: no section .modinfo", file)
	}
	info, err := section.Data()
	if err != nil {
		return nil, fmt.Errorf("kernel module %s: %w", file, err)
	}
	for text := range strings.SplitSeq(string(info), "\x00") {
		if needs, ok := strings.CutPrefix(text, "depends="); ok {
			return slices.DeleteFunc(strings.Split(needs, ","), func(s string) bool { return s == "" }), nil
		}
	}
	return nil, nil
}
