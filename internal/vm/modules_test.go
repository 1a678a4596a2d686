package vm

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// object is a kernel module with nothing in it but a section .modinfo.
func object(t *testing.T, info string) []byte {
	t.Helper()
	const names, headers = "\x00.modinfo\x00.shstrtab\x00", 64
	var out bytes.Buffer
	at := func(text string, name uint32, kind elf.SectionType, before int) elf.Section64 {
		return elf.Section64{Name: name, Type: uint32(kind), Off: headers + uint64(before), Size: uint64(len(text)), Addralign: 1}
	}
	for _, part := range []any{
		elf.Header64{
			Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
			Type:  uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT),
			Shoff: headers + uint64(len(info)+len(names)), Ehsize: headers, Shentsize: 64, Shnum: 3, Shstrndx: 2,
		},
		[]byte(info), []byte(names),
		elf.Section64{},
		at(info, 1, elf.SHT_PROGBITS, 0), at(names, 10, elf.SHT_STRTAB, len(info)),
	} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// kernelTree makes a folder /lib/modules/RELEASE of modules and what they need.
func kernelTree(t *testing.T, builtin string, needs map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "modules.builtin"), []byte(builtin), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, list := range needs {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, object(t, "license=GPL\x00depends="+list+"\x00name=x\x00"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestModules(t *testing.T) {
	m, err := findModules(kernelTree(t, "kernel/lib/in-kernel.ko\nkernel/fs/ext.ko\n", map[string]string{
		"kernel/hid/hid.ko":         "",
		"kernel/hid/usbhid.ko":      "hid,usb-common,in_kernel",
		"kernel/usb/usb-common.ko":  "",
		"kernel/usb/vhci-hcd.ko":    "usbip_core,usb_common",
		"kernel/usb/usbip-core.ko":  "usb_common",
		"kernel/strange/lost.ko":    "nowhere",
		"kernel/strange/circle.ko":  "circle2",
		"kernel/strange/circle2.ko": "circle",
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ names, want string }{
		{"", ""},
		{"hid", "hid"},
		{"in_kernel ext", ""},
		{"usbhid", "hid usb-common usbhid"},
		{"vhci_hcd usbhid", "usb-common usbip-core vhci-hcd hid usbhid"},
		{"vhci-hcd vhci_hcd", "usb-common usbip-core vhci-hcd"},
		{"circle", "circle2 circle"},
		{"lost", "kernel module nowhere: the kernel has none"},
		{"hid nothing", "kernel module nothing: the kernel has none"},
	} {
		files, err := m.order(strings.Fields(tt.names)...)
		for i, file := range files {
			files[i] = strings.TrimSuffix(filepath.Base(file), ".ko")
		}
		got := strings.Join(files, " ")
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %s, not %s", tt.names, got, tt.want)
		}
	}
}

func TestModulesStrange(t *testing.T) {
	if _, err := findModules(t.TempDir()); !os.IsNotExist(err) {
		t.Errorf("a folder without modules.builtin: %v", err)
	}
	file := filepath.Join(t.TempDir(), "x.ko")
	for _, tt := range []struct {
		content []byte
		want    string
	}{
		{[]byte("no ELF at all, really, not in the least, and long enough"), "bad magic"},
		{bytes.Replace(object(t, ""), []byte(".modinfo"), []byte(".nothing"), 1), "no section .modinfo"},
		{object(t, "license=GPL\x00"), ""},
		{object(t, "depends=\x00"), ""},
	} {
		if err := os.WriteFile(file, tt.content, 0o600); err != nil {
			t.Fatal(err)
		}
		needs, err := moduleNeeds(file)
		if len(needs) != 0 || (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, %v, not %q", needs, err, tt.want)
		}
	}
}

func TestConfigTree(t *testing.T) {
	k := kit{busybox: "/kit/busybox", modules: kernelTree(t, "", map[string]string{"a.ko": "b", "b.ko": ""})}
	got, err := Config{
		Modules: []string{"a"}, Boot: "echo boot", Shutdown: "echo shutdown",
		Files: map[string]File{"/etc/hosts": Text("mine")},
	}.tree(k)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/vm/modules": "/lib/modules/b.ko\n/lib/modules/a.ko\n", "/vm/boot": "echo boot",
		"/vm/shutdown": "#!/bin/sh\necho shutdown", "/etc/hosts": "mine", "/init": "bin/busybox",
	} {
		if got[path].text != want {
			t.Errorf("%s: %q, not %q", path, got[path].text, want)
		}
	}
	if there := slices.Collect(func(yield func(string) bool) {
		for path, file := range got {
			if file.host != "" && !yield(path) {
				return
			}
		}
	}); len(there) != 3 {
		t.Errorf("copies of the host's files: %q", there)
	}
	if _, err := (Config{Modules: []string{"c"}}).tree(k); err == nil {
		t.Error("a module that is missing: no error")
	}
}
