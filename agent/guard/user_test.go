//go:build linux

package guard

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/wattnut/wattnut/internal/daemon"
	"github.com/wattnut/wattnut/internal/killflag"
	"github.com/wattnut/wattnut/internal/testenv"
)

// guardMain is a guard in a process of its own, in the folder it is started in:
// of the agent $GUARD_MAIN, who is $GUARD_USER.
func guardMain() int {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	g := Guard{
		Host: NewHost("killpower", Shell("echo down >> down"), log), User: os.Getenv("GUARD_USER"),
		Args: append([]string{"agent"}, strings.Fields(os.Getenv("GUARD_MAIN"))...), Log: log,
	}
	code, err := g.Run(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return code
}

// process starts a guard in a process of its own, with extra files open.
func (r *rig) process(t *testing.T, user, words string, files ...*os.File) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "GUARD_MAIN="+words, "GUARD_USER="+user, "SUDO_USER=somebody", "LISTEN_FDS=1", "OF_ITS_OWN=stays")
	c.Stderr, c.ExtraFiles = t.Output(), files
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return c
}

// TestGuardKilled ends the agent with its guard.
func TestGuardKilled(t *testing.T) {
	r := newRig(t, "")
	c := r.process(t, "", "term")
	r.await(t, "listening")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if said := r.await(t, "ended"); said != "by TERM\n" {
		t.Errorf("the agent says %q", said)
	}
}

// TestGone tells an agent that outlives its guard.
func TestGone(t *testing.T) {
	r := newRig(t, "")
	c := r.process(t, "", "deaf alive note:deaf gone")
	r.await(t, "deaf")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if said := r.await(t, "ended"); said != ErrGone.Error()+"\n" {
		t.Errorf("the agent says %q", said)
	}
}

// spy is an agent that looks at what it could do to its guard, and writes down
// what it was not kept from.
func spy() {
	var report []string
	guard := os.Getppid()
	could := func(what string, err error) {
		if err == nil {
			report = append(report, what)
		}
	}
	could("signal the guard", syscall.Kill(guard, syscall.SIGUSR2))
	could("trace the guard", syscall.PtraceAttach(guard))
	for _, file := range []string{"environ", "mem", "maps", "fd", "cwd", "exe"} {
		f, err := os.Open(fmt.Sprintf("/proc/%d/%s", guard, file))
		if err == nil && file == "fd" {
			_, err = f.ReadDir(-1)
		}
		could("read the guard's "+file, err)
	}
	_, err := os.ReadFile("killpower")
	could("read the flag", err)
	could("become root", syscall.Setuid(0))
	could("open the terminal", func() error { _, err := os.Open("/dev/tty"); return err }())
	report = append(report, fmt.Sprintf("ids %d %d %d %d", os.Getuid(), os.Geteuid(), os.Getgid(), os.Getegid()))
	groups, _ := os.Getgroups()
	report = append(report, fmt.Sprint("groups ", groups))
	report = append(report, fmt.Sprint("descriptors ", openDescriptors()))
	for _, name := range []string{"HOME", "USER", "SUDO_USER", "LISTEN_FDS", "OF_ITS_OWN", childVar} {
		report = append(report, "env "+name+"="+os.Getenv(name))
	}
	note("report", strings.Join(report, "\n"))
}

// openDescriptors lists what this process was given, which is not what the Go
// runtime has made.
func openDescriptors() []int {
	var open []int
	for fd := range 64 {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		target, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		if err == nil && (flags&unix.FD_CLOEXEC == 0 || fd == firstFD || fd == firstFD+1) && !strings.Contains(target, "anon_inode") {
			open = append(open, fd)
		}
	}
	return open
}

// TestUser runs an agent of another user, who can do nothing but say its words.
func TestUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can start another user's process")
	}
	r := newRig(t, "")
	for dir := r.dir; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := killflag.File(filepath.Join(r.dir, "killpower")).Raise(); err != nil {
		t.Fatal(err)
	}
	leak, err := os.Open("/etc/hostname")
	if err != nil {
		t.Fatal(err)
	}
	defer leak.Close()
	c := r.process(t, "nobody", "alive spy shutdown exit:0", leak, leak, leak)
	got := strings.Split(strings.TrimSpace(r.await(t, "report")), "\n")
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	who, credential, err := daemon.Identity("nobody")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		fmt.Sprintf("ids %[1]d %[1]d %[2]d %[2]d", credential.Uid, credential.Gid),
		fmt.Sprint("groups ", credential.Groups), "descriptors [0 1 2 3 4]",
		"env HOME=" + who.HomeDir, "env USER=nobody", "env SUDO_USER=", "env LISTEN_FDS=", "env OF_ITS_OWN=stays", "env " + childVar + "=",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the agent reports\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.downs() != 1 {
		t.Errorf("the host went down %d times", r.downs())
	}
}

func TestNoSuchUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("who is not root stays who it is")
	}
	r := newRig(t, "alive exit:0")
	r.User = "no-such-user"
	if code, err := r.Run(t.Context()); code != 1 || err == nil || err.Error() != "run the agent: user no-such-user not found" {
		t.Errorf("code %d, %v", code, err)
	}
}

// TestFullDisk has the host go down where no flag can be written.
func TestFullDisk(t *testing.T) {
	unshare := testenv.Need(t, "unshare")
	r := newRig(t, "")
	c := exec.CommandContext(t.Context(), unshare, "-rm", "sh", "-c", `
		mkdir full && mount -t tmpfs -o size=4k tmpfs full && cd full && ! head -c 9000 /dev/zero > fill 2>/dev/null && ln -s ../down . && ln -s ../lives . &&
		"$0"; code=$?; ls; exit $code`, os.Args[0])
	c.Env = append(os.Environ(), "GUARD_MAIN=alive low shutdown kill")
	output, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	if r.downs() != 1 || !strings.Contains(string(output), "flag not raised") || strings.Contains(string(output), "\nkillpower\n") {
		t.Errorf("%d downs\n%s", r.downs(), output)
	}
}
