package vm

import (
	"cmp"
	"embed"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"time"
)

const (
	defaultMemory  = 256
	defaultTimeout = 3 * time.Minute
)

//go:embed guest
var guest embed.FS

// Config is a machine to boot. The zero value is one with busybox, and users
// root and nobody.
type Config struct {
	// Files by where they are in the machine. They take precedence over what a
	// machine has of its own.
	Files map[string]File
	// Modules are kernel modules to load at the start, by name; what they need is
	// loaded with them.
	Modules []string
	// Boot is shell text that is run once the system is up, by root, before the
	// machine takes commands. The machine gives up at the first command that fails.
	Boot string
	// Shutdown is shell text that is run by root when the machine is told to power
	// off or to reboot, while everything still runs: systemd's late shutdown.
	Shutdown string
	// Disk is the image of a file system, ext4, with a whole system on it that takes
	// commands by a copy of guest/listen; "" for none. Of the fields above only
	// Modules mean something then. What the machine writes to it is gone with the
	// machine.
	Disk string
	// Memory in MiB; 0 for 256.
	Memory int
	// Timeout is how long the machine may live; 0 for 3 minutes. Whatever waits for
	// the machine waits no longer than that.
	Timeout time.Duration
}

func (c Config) withDefaults() Config {
	c.Memory = cmp.Or(c.Memory, defaultMemory)
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	return c
}

// system writes the machine's first file system to a file.
func (c Config) system(k kit, file string) error {
	t, err := c.tree(k)
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := t.write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// tree is everything that is in the machine.
func (c Config) tree(k kit) (tree, error) {
	t := tree{
		"/init":        Link("bin/busybox"),
		"/bin/busybox": Program(k.busybox),
		"/dev":         Dir(),
		"/proc":        Dir(),
		"/sys":         Dir(),
		"/run":         Dir(),
		"/tmp":         Dir(),
		"/var":         Dir(),
		"/etc/passwd":  Text("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
		"/etc/group":   Text("root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"),
		"/etc/hosts":   Text("127.0.0.1 localhost vm\n"),
		"/vm/boot":     Text(c.Boot),
		"/vm/shutdown": Script(c.Shutdown),
		"/vm/start":    own("start"),
		"/vm/listen":   own("listen"),
		"/etc/inittab": own("inittab"),
	}
	if c.Disk != "" {
		t["/init"] = own("pivot")
		c.Modules = append([]string{"virtio_pci", "virtio_blk", "crc32c_generic", "ext4"}, c.Modules...)
	}
	all, err := findModules(k.modules)
	if err != nil {
		return nil, err
	}
	files, err := all.order(c.Modules...)
	if err != nil {
		return nil, err
	}
	var list strings.Builder
	for _, file := range files {
		there := path.Join("/lib/modules", path.Base(file))
		t[there] = Program(file)
		list.WriteString(there + "\n")
	}
	t["/vm/modules"] = Text(list.String())
	maps.Copy(t, c.Files)
	return t, nil
}

// own is a program of ours that is in every machine.
func own(name string) File {
	text, err := fs.ReadFile(guest, "guest/"+name)
	if err != nil {
		panic(err) // embedded: cannot be missing
	}
	return File{mode: 0o755, text: string(text)}
}
