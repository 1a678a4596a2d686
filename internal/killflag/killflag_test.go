//go:build unix

package killflag_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/wattnut/wattnut/internal/killflag"
	"github.com/wattnut/wattnut/internal/testenv"
)

const magic = "upsmon-shutdown-file"

// contents are files that may lie where a flag would, and whether they are one.
var contents = []struct {
	name, text string
	raised     bool
}{
	{"magic", magic, true},
	{"magic and more", magic + "xyz\nmore", true},
	{"line feed", magic + "\n", true},
	{"second line", "hello\n" + magic, false},
	{"inside", " " + magic, false},
	{"cut short", magic[:19], false},
	{"other", "precious", false},
	{"empty", "", false},
}

func write(t *testing.T, path, text string) killflag.File {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return killflag.File(path)
}

func TestContents(t *testing.T) {
	for _, tt := range contents {
		t.Run(tt.name, func(t *testing.T) {
			f := write(t, filepath.Join(t.TempDir(), "killpower"), tt.text)
			if got := f.Raised(); got != tt.raised {
				t.Errorf("raised %t, want %t", got, tt.raised)
			}
			raise := f.Raise()
			if text, _ := os.ReadFile(string(f)); string(text) != tt.text {
				t.Errorf("raising changed the file to %q", text)
			}
			if (raise == nil) != tt.raised {
				t.Errorf("raise: %v", raise)
			}
			err := f.Lower()
			_, stat := os.Lstat(string(f))
			if gone := errors.Is(stat, fs.ErrNotExist); gone != tt.raised || (err == nil) != tt.raised {
				t.Errorf("lowered: gone %t, %v", gone, err)
			}
			if !tt.raised && !errors.Is(err, killflag.ErrForeign) {
				t.Errorf("%v is not ErrForeign", err)
			}
		})
	}
}

func TestRaise(t *testing.T) {
	f := killflag.File(filepath.Join(t.TempDir(), "killpower"))
	if err := f.Check(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := f.Lower(); err != nil {
		t.Errorf("lower what is not raised: %v", err)
	}
	for range 2 {
		if err := f.Raise(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(string(f))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if text, _ := os.ReadFile(string(f)); string(text) != magic {
		t.Errorf("text %q", text)
	}
	if err := f.Lower(); err != nil || f.Raised() {
		t.Errorf("lower: %v", err)
	}
}

func TestNone(t *testing.T) {
	var f killflag.File
	if err := errors.Join(f.Raise(), f.Lower()); err != nil || f.Raised() {
		t.Error(err)
	}
}

// TestPlanted puts things in the flag's place that somebody could who may write
// to its folder.
func TestPlanted(t *testing.T) {
	dir := t.TempDir()
	precious := write(t, filepath.Join(dir, "precious"), "precious")
	link, fifo, folder, nowhere := filepath.Join(dir, "link"), filepath.Join(dir, "fifo"), filepath.Join(dir, "folder"), filepath.Join(dir, "nowhere")
	for _, err := range []error{
		os.Symlink(string(precious), link), syscall.Mkfifo(fifo, 0o600), os.Mkdir(folder, 0o700),
		os.Symlink(filepath.Join(dir, "none"), nowhere),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{link, fifo, folder, nowhere, filepath.Join(dir, "no", "folder")} {
		f := killflag.File(path)
		if f.Raised() {
			t.Errorf("%s is raised", path)
		}
		if err := f.Raise(); err == nil {
			t.Errorf("%s was raised", path)
		}
	}
	if text, _ := os.ReadFile(string(precious)); string(text) != "precious" {
		t.Errorf("written through a link: %q", text)
	}
	if _, err := os.Lstat(filepath.Join(dir, "none")); err == nil {
		t.Error("made through a link")
	}
}

// TestFullDisk leaves no half of a flag behind, which the next start would
// refuse.
func TestFullDisk(t *testing.T) {
	if path := os.Getenv("KILLFLAG_TEST"); path != "" {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 7, Max: 7}); err != nil {
			t.Fatal(err)
		}
		if err := killflag.File(path).Raise(); err != nil {
			os.Exit(42) //nolint:forbidigo // a program of its own, that can print nothing
		}
		return
	}
	path := filepath.Join(t.TempDir(), "killpower")
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$")
	c.Env = append(os.Environ(), "KILLFLAG_TEST="+path)
	if c.Run(); c.ProcessState.ExitCode() != 42 {
		t.Errorf("exit code %d", c.ProcessState.ExitCode())
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

// upsmon runs a script beside the distribution's upsmon, $upsmon, in a name space
// where it has its PID file for itself, with $flag as its POWERDOWNFLAG.
func upsmon(t *testing.T, flag killflag.File, script string) (output string, code int) {
	t.Helper()
	path, unshare := testenv.Need(t, "upsmon"), testenv.Need(t, "unshare")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "upsmon.conf"), "MONITOR x@127.0.0.1:1 1 a b secondary\nMINSUPPLIES 1\nSHUTDOWNCMD \"echo down >> "+dir+"/down\"\nFINALDELAY 0\nPOWERDOWNFLAG "+string(flag)+"\n")
	c := exec.CommandContext(t.Context(), unshare, "-rm", "sh", "-c", "mount -t tmpfs tmpfs /run/nut && "+script)
	c.Env = append(os.Environ(), "upsmon="+path, "flag="+string(flag), "dir="+dir, "NUT_CONFPATH="+dir, "NUT_STATEPATH="+dir)
	text, err := c.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return string(text), c.ProcessState.ExitCode()
}

func TestUpsmonK(t *testing.T) {
	for _, tt := range contents {
		t.Run(tt.name, func(t *testing.T) {
			f := write(t, filepath.Join(t.TempDir(), "killpower"), tt.text)
			output, code := upsmon(t, f, `exec $upsmon -K`)
			if (code == 0) != f.Raised() {
				t.Errorf("upsmon -K ends with %d, ours says %t\n%s", code, f.Raised(), output)
			}
		})
	}
}

// TestUpsmon hands a flag of ours to the distribution's upsmon, which takes it
// for its own and makes another, which we take for ours.
func TestUpsmon(t *testing.T) {
	f := killflag.File(filepath.Join(t.TempDir(), "killpower"))
	if err := f.Raise(); err != nil {
		t.Fatal(err)
	}
	output, code := upsmon(t, f, `
		until_true() { n=0; until eval "$1"; do n=$((n+1)); [ $n -lt 100 ] || { echo "never: $1"; exit 1; }; sleep 0.1; done; }
		$upsmon -K || { echo "not raised"; exit 1; }
		$upsmon -F -p & main=$!
		until_true '[ -s /run/nut/upsmon.pid ]'
		until_true '[ ! -e $flag ]'
		sleep 0.3
		kill -USR1 $main
		until_true '[ -s $dir/down ]'
		wait $main
		$upsmon -K`)
	if code != 0 {
		t.Fatalf("code %d\n%s", code, output)
	}
	if text, _ := os.ReadFile(string(f)); !f.Raised() || strings.TrimSpace(string(text)) != magic {
		t.Errorf("upsmon writes %q", text)
	}
	if err := f.Lower(); err != nil {
		t.Error(err)
	}
}
