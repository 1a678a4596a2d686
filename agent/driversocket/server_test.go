package driversocket

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// rig is a Server over facts that the test writes, and a client of it.
type rig struct {
	t     *testing.T
	draft nut.Draft
	ups   *state.UPS
	path  string
	conn  net.Conn
	in    *bufio.Scanner
}

// door takes orders for a rig.
type door func(nut.Order) error

func (d door) Order(_ context.Context, o nut.Order, done func(error)) error {
	err := d(o)
	if done != nil {
		done(err)
	}
	return nil
}

func newRig(t *testing.T, core Core, d door) *rig {
	t.Helper()
	r := &rig{t: t, ups: state.NewUPS("d", "", d)}
	r.draft.Put(nut.Variable{Name: "ups.id", Value: "a", Writable: true, Text: true, MaxLen: 4})
	r.draft.AddCommand("load.off")
	r.publish(nut.Live)
	r.path = serve(t, &Server{UPS: r.ups, Core: core}, nuttest.ShortDir(t))
	r.conn = dial(t, r.path)
	r.in = bufio.NewScanner(r.conn)
	return r
}

func (r *rig) publish(health nut.Health) {
	r.ups.Publish(r.draft.Freeze("d", health, time.Now()))
}

func (r *rig) say(lines ...string) {
	r.t.Helper()
	if _, err := fmt.Fprintln(r.conn, strings.Join(lines, "\n")); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) expect(want ...string) {
	r.t.Helper()
	r.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for _, w := range want {
		if !r.in.Scan() {
			r.t.Fatalf("the end, want %q: %v", w, r.in.Err())
		}
		if r.in.Text() != w {
			r.t.Fatalf("%q, want %q", r.in.Text(), w)
		}
	}
}

// settled waits until all that was published is told.
func (r *rig) settled() {
	r.t.Helper()
	r.say("PING")
	r.expect("PONG")
}

func TestChanges(t *testing.T) {
	r := newRig(t, Core{}, nil)
	r.settled()
	for _, step := range []struct {
		name   string
		change func(*nut.Draft)
		want   []string
	}{
		{"new", func(d *nut.Draft) {
			d.Put(nut.Variable{Name: "x", Value: `a"b\c#d`, Enum: []string{"1", "2"}, Ranges: []nut.Range{{Min: 1, Max: 5}}, MaxLen: 9, Text: true})
		}, []string{`SETINFO x "a\"b\\c\#d"`, `ADDENUM x "1"`, `ADDENUM x "2"`, "ADDRANGE x 1 5", "SETAUX x 9", "SETFLAGS x STRING"}},
		{"case", func(d *nut.Draft) { d.Set("x", "ABC") }, []string{`SETINFO x "ABC"`}},
		{"lists", func(d *nut.Draft) {
			d.Edit("x", func(v *nut.Variable) {
				v.Enum, v.Ranges = []string{"1", "3"}, []nut.Range{{Min: 1, Max: 7}, {Min: 7, Max: 9}}
			})
		}, []string{`DELENUM x "2"`, `ADDENUM x "3"`, "DELRANGE x 1 5", "ADDRANGE x 1 7", "ADDRANGE x 7 9"}},
		{"attributes", func(d *nut.Draft) {
			d.Put(nut.Variable{Name: "x", Value: "ABC"})
		}, []string{`DELENUM x "1"`, `DELENUM x "3"`, "DELRANGE x 1 7", "DELRANGE x 7 9", "SETAUX x 0", "SETFLAGS x"}},
		{"gone", func(d *nut.Draft) { d.Delete("x") }, []string{"DELINFO x"}},
		{"commands", func(d *nut.Draft) { d.RemoveCommand("load.off"); d.AddCommand("load.on") }, []string{"DELCMD load.off", "ADDCMD load.on"}},
		{"long", func(d *nut.Draft) { d.Set("y", strings.Repeat("#", 300)) }, []string{`SETINFO y "` + strings.Repeat(`\#`, 127) + `"`}},
	} {
		t.Run(step.name, func(t *testing.T) {
			r.t = t
			step.change(&r.draft)
			r.publish(nut.Live)
			r.expect(step.want...)
		})
	}
	r.settled()
}

func TestHealth(t *testing.T) {
	r := newRig(t, Core{}, nil)
	r.settled()
	dump := []string{`SETINFO ups.id "a"`, "SETAUX ups.id 4", "SETFLAGS ups.id RW STRING", "ADDCMD load.off"}
	r.publish(nut.Stale)
	r.expect("DATASTALE")
	r.say("DUMPALL")
	r.expect("DATASTALE")
	r.expect(dump...)
	r.expect("DUMPDONE")
	r.say("DUMPVALUE UPS.ID", "DUMPSTATUS")
	r.expect("DATASTALE", dump[0], dump[1], dump[2], "DUMPDONE", "DATASTALE", "DUMPDONE")
	r.publish(nut.Live)
	r.expect("DATAOK")
	// Without contact the facts are kept, and are what the next ones are told against.
	r.ups.Publish(new(nut.Draft).Freeze("d", nut.Absent, time.Now()))
	r.expect("DATASTALE")
	r.ups.Publish(new(nut.Draft).Freeze("d", nut.Waiting, time.Now()))
	r.say("DUMPALL")
	r.expect("DATASTALE")
	r.expect(dump...)
	r.expect("DUMPDONE")
	r.draft.Set("ups.id", "b")
	r.publish(nut.Live)
	r.expect(`SETINFO ups.id "b"`, "DATAOK")
	r.settled()
}

func TestOrders(t *testing.T) {
	var got []string
	r := newRig(t, Core{}, func(o nut.Order) error {
		got = append(got, fmt.Sprint(o))
		switch o.Value {
		case "u":
			return nut.ErrUnknown
		case "i":
			return fmt.Errorf("too much: %w", nut.ErrInvalidArgument)
		case "f":
			return errors.New("out of smoke")
		}
		return nil
	})
	r.draft.Put(nut.Variable{Name: "ro", Value: "1"})
	r.draft.Put(nut.Variable{Name: "enum", Value: "1", Writable: true, Enum: []string{"1", "2"}})
	r.draft.Put(nut.Variable{Name: "range", Value: "1", Writable: true, Ranges: []nut.Range{{Min: 1, Max: 5}, {Min: 7, Max: 9}}})
	r.publish(nut.Live)
	r.say("NOBROADCAST", "PING")
	for r.in.Scan() && r.in.Text() != "PONG" {
		continue
	}
	for line, want := range map[string]int{
		"SET ups.id ok": 0, "SET ups.id u": 1, "SET ups.id i": 2, "SET ups.id f": 3, "SET ups.id tolong": 2, "SET new ok": 0,
		"SET ro 2": 2, "SET enum 3": 2, "SET enum 2": 0, "SET range 6": 2, "SET range 7": 0, "SET range x": 2,
		"INSTCMD load.off": 0, "INSTCMD load.off f": 3, "INSTCMD no.such": 1, "INSTCMD driver.exit": 1, "INSTCMD driver.killpower": 1,
	} {
		r.say(line + " TRACKING id")
		r.expect(fmt.Sprintf("TRACKING id %d", want))
	}
	got = nil
	r.say(`SET ups.id "a\"b"`, `INSTCMD load.off "1 TRACKING x"`)
	r.settled()
	want := `[{true ups.id a"b false} {false load.off 1 TRACKING x false}]`
	if fmt.Sprint(got) != want {
		t.Errorf("the device got %s, want %s", got, want)
	}
	r.ups = nil
}

func TestCore(t *testing.T) {
	var did []string
	exited := make(chan struct{}, 2)
	var fail error
	r := newRig(t, Core{
		Exit:      func() { exited <- struct{}{} },
		Killpower: func(context.Context) error { did = append(did, "killpower"); return fail },
		Reload:    func(_ context.Context, how Reload) error { did = append(did, string(how)); return nil },
		Debug:     func(level int) { did = append(did, fmt.Sprint("debug ", level)) },
	}, func(o nut.Order) error { t.Errorf("the device got %v", o); return nil })
	r.say("DUMPVALUE driver.flag.allow_killpower")
	r.expect(`SETINFO driver.flag.allow_killpower "0"`, "SETFLAGS driver.flag.allow_killpower RW", "DATAOK", "DUMPDONE")
	r.say("INSTCMD driver.killpower TRACKING 1")
	r.expect("TRACKING 1 3")
	r.say("SET driver.flag.allow_killpower x TRACKING 2", "SET driver.flag.allow_killpower 1 TRACKING 3")
	r.expect("TRACKING 2 2", `SETINFO driver.flag.allow_killpower "1"`, "TRACKING 3 0")
	fail = errors.New("no relay")
	r.say("INSTCMD driver.killpower TRACKING 4")
	r.expect("TRACKING 4 3")
	fail = nil
	r.say("INSTCMD shutdown.default TRACKING 5")
	r.expect("TRACKING 5 0")
	r.say("INSTCMD driver.reload-or-error TRACKING 6")
	r.expect("TRACKING 6 0")
	r.say("SET DRIVER.DEBUG 3 TRACKING 7")
	r.expect(`SETINFO driver.debug "3"`, "TRACKING 7 0")
	if len(exited) != 0 {
		t.Error("exited already")
	}
	r.say("INSTCMD driver.killpower TRACKING 8")
	r.expect("TRACKING 8 0")
	<-exited
	r.say("INSTCMD driver.exit TRACKING 9")
	r.expect("TRACKING 9 0")
	<-exited
	want := "[killpower killpower driver.reload-or-error debug 3 killpower]"
	if fmt.Sprint(did) != want {
		t.Errorf("did %v, want %s", did, want)
	}
}

// One who stops reading is dropped, one who vanishes is forgotten, and neither
// holds up the rest.
func TestDefectB11(t *testing.T) {
	r := newRig(t, Core{}, nil)
	r.settled()
	for range 5 { // gone without reading anything
		c := dial(t, r.path)
		fmt.Fprintln(c, "DUMPALL")
		c.Close()
	}
	deaf := dial(t, r.path)
	fmt.Fprintln(deaf, "PING")
	bufio.NewReader(deaf).ReadString('\n')
	value := strings.Repeat("x", 200)
	for i := range 100 {
		for j := range 100 {
			r.draft.Set(nut.Name(fmt.Sprintf("v.%d", j)), fmt.Sprint(i, value))
		}
		r.publish(nut.Live)
		last := fmt.Sprintf(`SETINFO v.99 "%d%s"`, i, value)
		r.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		for r.in.Scan() && r.in.Text() != last {
			continue
		}
		if r.in.Err() != nil {
			t.Fatalf("change %d: %v", i, r.in.Err())
		}
	}
	// deaf has been dropped: what the socket holds ends.
	deaf.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, deaf); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the deaf one is still connected")
	}
}

func TestEndlessLineAndTooMany(t *testing.T) {
	r := newRig(t, Core{}, nil)
	c := dial(t, r.path)
	fmt.Fprint(c, strings.Repeat("x", 2*maxLine))
	closed(t, c, "an endless line")
	r.settled()
	for range maxConns {
		dial(t, r.path)
	}
	closed(t, dial(t, r.path), "too many connections")
	r.settled()
}

func closed(t *testing.T, c net.Conn, why string) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: %v", why, err)
	}
}

func TestListen(t *testing.T) {
	dir := nuttest.ShortDir(t)
	listen := func(ups string) (net.Listener, error) { return Listen(t.Context(), dir, "drv", ups, "") }
	l, err := listen("u")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "drv-u")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := listen("u"); err == nil || !strings.Contains(err.Error(), "another driver") {
		t.Errorf("a second one: %v", err)
	}
	l.Close()
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left behind")
	}
	// What a killed driver leaves behind is replaced.
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	syscall.Close(fd)
	if l, err = listen("u"); err != nil {
		t.Fatal(err)
	}
	l.Close()
	for ups, want := range map[string]string{
		strings.Repeat("x", 107): "a socket can have 107",
		"file":                   "no socket",
		"no/such/folder":         "no such file or directory",
	} {
		os.WriteFile(filepath.Join(dir, "drv-file"), nil, 0o600)
		if _, err := listen(ups); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: %v", ups, err)
		}
	}
	if _, err := Listen(t.Context(), dir, "drv", "g", "no-such-group"); err == nil || !strings.Contains(err.Error(), "no-such-group") {
		t.Errorf("group: %v", err)
	}
}

// NUT's own upsd serves what our driver says.
func TestBehindUPSD(t *testing.T) {
	upsc, upsrw, upscmd := testenv.Need(t, "upsc"), testenv.Need(t, "upsrw"), testenv.Need(t, "upscmd")
	u := nuttest.StartUPSD(t, nuttest.Config{
		Devices: []nuttest.Device{{Name: "d"}},
		Users:   "[admin]\n password = secret\n actions = SET\n instcmds = ALL\n",
	})
	run := func(program string, args ...string) string {
		c := exec.CommandContext(t.Context(), program, args...)
		c.Env = u.Env()
		out, _ := c.CombinedOutput()
		return string(out)
	}
	at := "d@" + u.Addr
	orders := make(chan nut.Order, 1)
	r := &rig{t: t}
	r.ups = state.NewUPS("d", "", door(func(o nut.Order) error {
		orders <- o
		return nil
	}))
	r.draft.Put(nut.Variable{Name: "ups.id", Value: `q"\#`, Writable: true, Text: true, MaxLen: 16})
	r.draft.Set("ups.status", "OL")
	r.draft.AddCommand("load.off")
	r.publish(nut.Live)

	begin := func() (end func()) {
		l, err := Listen(t.Context(), filepath.Join(u.Dir, "state"), "dummy-ups", "d", "")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- (&Server{UPS: r.ups}).Serve(ctx, l) }()
		return func() { cancel(); <-ended }
	}
	await := func(want string) {
		t.Helper()
		nuttest.Await(t, func() error {
			if out := run(upsc, at); !strings.Contains(out, want) {
				return fmt.Errorf("upsc says %q, want %q", out, want)
			}
			return nil
		})
	}
	end := begin()
	await("ups.id: q\"\\#\n")
	r.draft.Set("ups.id", `w"\#`)
	r.publish(nut.Live)
	await("ups.id: w\"\\#\n")
	if out := run(upsrw, "-s", `ups.id=n"e\w#`, "-u", "admin", "-p", "secret", at); !strings.Contains(out, "OK") {
		t.Errorf("upsrw: %s", out)
	}
	if o := <-orders; o.Name != "ups.id" || o.Value != `n"e\w#` || !o.Set {
		t.Errorf("the device got %v", o)
	}
	if out := run(upscmd, "-u", "admin", "-p", "secret", "-w", at, "load.off"); !strings.Contains(out, "SUCCESS") && !strings.Contains(out, "OK") {
		t.Errorf("upscmd: %s", out)
	}
	if o := <-orders; o.Name != "load.off" || o.Set || !o.Tracked {
		t.Errorf("the device got %v", o)
	}
	r.publish(nut.Stale)
	await("Data stale")
	r.publish(nut.Live)
	await("ups.status: OL\n")
	end()
	await("Driver not connected")
	r.draft.Set("ups.status", "OB")
	r.publish(nut.Live)
	defer begin()()
	await("ups.status: OB\n")
}

// Whatever comes in on the socket, the server lives.
func FuzzObey(f *testing.F) {
	for _, seed := range []string{"DUMPALL\nPING\nDUMPVALUE ups.id\nGETPID\n", "SET ups.id \"a\" TRACKING x\nINSTCMD load.off 1 TRACKING y\n", "NOBROADCAST\nBROADCAST 0\n\"#\nLOGOUT\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var d nut.Draft
		d.Put(nut.Variable{Name: "ups.id", Value: "a", Writable: true})
		d.AddCommand("load.off")
		u := state.NewUPS("d", "", door(func(nut.Order) error { return nil }))
		u.Publish(d.Freeze("d", nut.Live, time.Time{}))
		s := &Server{UPS: u}
		s.begin()
		near, far := net.Pipe()
		c := newConn(near)
		go func() {
			far.Write(data)
			far.Close()
		}()
		s.listen(t.Context(), c)
		near.Close()
		for line := range strings.Lines(string(c.unsent)) {
			if len(line) > 511 || !strings.HasSuffix(line, "\n") {
				t.Fatalf("wrote %q", line)
			}
		}
	})
}
