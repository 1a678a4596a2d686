package history

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// full makes a file with the histories of many UPSes, and returns its bytes.
func full(t *testing.T, path string) []byte {
	t.Helper()
	f, err := openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		var records []record
		for i := range 100 {
			o := Outage{Start: noon, End: noon, Cause: VoltageLow, Lowest: new(float64(i))}
			records = append(records, record{key: fmt.Sprint("ups", i), account: Account{Outages: uint64(round), Seen: noon}, past: []Outage{o, o, o}})
		}
		if err := f.save(records); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A damaged file is moved aside with a sentence, and a new one is used.
func TestDamaged(t *testing.T) {
	good := full(t, filepath.Join(t.TempDir(), "good.db"))
	noise := make([]byte, 50000)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	blanked := bytes.Clone(good)
	clear(blanked[2*os.Getpagesize():])
	for name, text := range map[string][]byte{
		"noise": noise, "a text": []byte("hello"), "cut": good[:len(good)/4], "cut in the first page": good[:100],
		"two pages": good[:2*os.Getpagesize()], "blank behind the first pages": blanked,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			var log journal
			h := Open(path, slog.New(slog.NewTextHandler(&log, nil)))
			if h.file == nil || !log.has("history begins anew") {
				t.Fatal(log.text.String())
			}
			aside, err := os.ReadFile(path + ".damaged")
			if err != nil || !bytes.Equal(aside, text) {
				t.Errorf("not moved aside: %d bytes, %v", len(aside), err)
			}
			if err := h.file.save([]record{{key: "u"}}); err != nil {
				t.Error(err)
			}
			if err := h.file.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Whatever byte is wrong in a file, the agent goes on.
func TestAnyByte(t *testing.T) {
	good := full(t, filepath.Join(t.TempDir(), "good.db"))
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		text := bytes.Clone(good)
		for range 20 {
			text[random.IntN(len(text))] ^= byte(1 + random.IntN(255))
		}
		path := filepath.Join(t.TempDir(), "history.db")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		h := Open(path, quiet())
		h.Observe(said("OB"))
		h.write(h.due(present, true))
		if h.file != nil {
			if err := h.file.close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A file that breaks while it is used leaves the memory.
func TestDamagedLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	full(t, path)
	var log journal
	h := Open(path, slog.New(slog.NewTextHandler(&log, nil)))
	if err := os.Truncate(path, int64(2*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
	h.Observe(said("OB"))
	h.write(h.due(present, true))
	if h.file != nil || !log.has("in memory only from here on") {
		t.Error(log.text.String())
	}
	h.write(h.due(present, true))
	if a, _ := h.Of("u", time.Now()); a.Outages != 1 {
		t.Errorf("%+v", a)
	}
}

// A process that is killed while it writes leaves what it wrote before, as a
// whole: each account with the outages that it counts.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	if path := os.Getenv("HISTORY_TEST_WRITE"); path != "" {
		writeForEver(t, path)
	}
	var most uint64
	for round := range 8 {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
		c.Env = append(os.Environ(), "HISTORY_TEST_WRITE="+path)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if err := binary.Read(out, binary.LittleEndian, new(uint64)); err != nil { // it has begun to write
			t.Fatal(err)
		}
		<-time.After(time.Duration(round*7) * time.Millisecond)
		c.Process.Kill()
		c.Wait()
		f, records, err := readFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if r.account.Outages != records[0].account.Outages || len(r.past) != int(r.account.Outages%50) {
				t.Fatalf("round %d: %s has %d outages of %d", round, r.key, len(r.past), r.account.Outages)
			}
		}
		if len(records) != 20 || records[0].account.Outages < most {
			t.Fatalf("round %d: %d records, %d after %d", round, len(records), records[0].account.Outages, most)
		}
		most = records[0].account.Outages
		if err := f.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func writeForEver(t *testing.T, path string) {
	t.Helper()
	f, records, err := readFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var n uint64
	if len(records) > 0 {
		n = records[0].account.Outages
	}
	for {
		n++
		records = records[:0]
		for i := range 20 {
			records = append(records, record{key: fmt.Sprint(i), account: Account{Outages: n}, past: make([]Outage, n%50)})
		}
		if err := f.save(records); err != nil {
			t.Fatal(err)
		}
		if err := binary.Write(os.Stdout, binary.LittleEndian, n); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"outages":1,"on_battery_ns":5,"measured_joules":1.5,"transfers":{"self_test":1,"magic":2}}`), []byte(`[{"cause":"unknown"}]`))
	f.Add([]byte(`{"measured_joules":-1}`), []byte(`null`))
	f.Fuzz(func(t *testing.T, account, past []byte) {
		r, err := decode([]byte("u"), account, past)
		if err != nil {
			if !errors.Is(err, errDamaged) {
				t.Errorf("%v is no damage", err)
			}
			return
		}
		if len(r.past) > maxOutages || r.account.OnBattery < 0 || !(r.account.Measured >= 0) || len(r.account.Transfers) > len(Causes()) {
			t.Errorf("%+v", r)
		}
	})
}
