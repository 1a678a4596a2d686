package probe_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/exporter/probe"
)

func TestParse(t *testing.T) {
	text := `# all that there is
targets:
  - target: NAS.example.org
  - target: "[2001:DB8::1]:3494"
    ups: [rack1, rack2]
    username: monitor
    password: secret
    tls: yes
    timeout: 2s
    labels: {site: cellar}
  - target: 192.0.2.1:3493
    tls: try
    tls_config: {server_name: ups, insecure_skip_verify: true}
`
	list, err := probe.Parse([]byte(text), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for _, target := range list {
		addresses = append(addresses, target.Address)
	}
	if want := []string{"nas.example.org:3493", "[2001:db8::1]:3494", "192.0.2.1:3493"}; !slices.Equal(addresses, want) {
		t.Errorf("addresses %q", addresses)
	}
	if list[0].Timeout != 5*time.Second || list[1].Timeout != 2*time.Second || list[1].Labels["site"] != "cellar" ||
		!slices.Equal(list[1].UPS, []string{"rack1", "rack2"}) || list[0].Host() != "nas.example.org" {
		t.Errorf("targets %+v", list)
	}
	for _, empty := range []string{"", "# nothing\n", "targets:\n", "targets: []\n"} {
		if list, err := probe.Parse([]byte(empty), "."); err != nil || len(list) != 0 {
			t.Errorf("%q is %v, %v", empty, list, err)
		}
	}
}

// What is wrong is told with its line.
func TestParseTellsTheLine(t *testing.T) {
	tests := []struct{ text, want string }{
		{"targets:\n- target: a\n  pasword: x\n", "3: field pasword not found"},
		{"target: a\n", "1: field target not found"},
		{"targets:\n- target: a\n- target: a:b:c\n", `3: target: address "a:b:c": no port number behind the host`},
		{"targets:\n- target: a\n- target: A:3493\n", "3: target a:3493 is in line 2 already"},
		{"targets:\n- username: x\n", "2: there is no target"},
		{"targets:\n- target: a\n  password: x\n", "2: password needs a username"},
		{"targets:\n- {target: a, username: x, password: y, password_file: z}\n", "2: password and password_file"},
		{"targets:\n- {target: a, username: x, password_file: none}\n", "2: password file: "},
		{"targets:\n- {target: a, tls: maybe}\n", `2: tls: "maybe" is none of no, try, yes`},
		{"targets:\n- {target: a, tls: no, tls_config: {}}\n", "2: tls_config: there is no use for it"},
		{"targets:\n- {target: a, tls_config: {ca_file: none}}\n", "2: tls_config: "},
		{"targets:\n- {target: a, tls_config: {cafile: none}}\n", "2: field cafile not found"},
		{"targets:\n- {target: a, timeout: 1h}\n", "2: timeout: it is more than 25s"},
		{"targets:\n- {target: a, timeout: soon}\n", "not a valid duration"},
		{"targets:\n- {target: a, ups: [\"\\n\"]}\n", "2: ups: "},
		{"targets:\n- {target: a, labels: {__address__: x}}\n", "2: labels: "},
		{"targets:\n- {target: a, labels: {ups: x}}\n", "2: labels: "},
		{"targets:\n- {target: a, labels: {a-b: x}}\n", "2: labels: "},
		{"targets:\n- target: [a]\n", "2: cannot unmarshal"},
		{"targets: 3\n", "1: cannot unmarshal"},
		{"targets:\n  - target: a\n - b\n", "2: did not find expected"},
		{"targets:\n- target: a\n---\ntargets: []\n", "more than one document"},
		{"targets:\n- target: a\ntargets: []\n", `3: mapping key "targets" already defined at line 1`},
	}
	for _, tt := range tests {
		_, err := probe.Parse([]byte(tt.text), ".")
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q\n\tis %v\n\twant %s", tt.text, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "probe.") {
			t.Errorf("%v has a name of ours", err)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("password", "secret\n")
	path := write("probe.yml", "targets:\n- {target: a, username: x, password_file: password}\n")
	if list, err := probe.Load(path); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	write("password", "\n")
	if _, err := probe.Load(path); err == nil || err.Error() != path+":2: password file: it is empty" {
		t.Error(err)
	}
	path = write("two.yml", "targets:\n- {a: b}\n- {c: d}\n")
	want := path + ":2: field a not found\n" + path + ":3: field c not found"
	if _, err := probe.Load(path); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	} else if apart := probe.LineErrors(err); len(apart) != 2 || apart[1].Line != 3 || apart[1].File != path {
		t.Errorf("apart they are %v", apart)
	}
	if _, err := probe.Load(write("long.yml", strings.Repeat("# x\n", 1<<19))); err == nil {
		t.Error("a file without an end is read")
	}
	if _, err := probe.Load(filepath.Join(dir, "none")); err == nil || err.Error() != filepath.Join(dir, "none")+": no such file or directory" {
		t.Error(err)
	}
	if _, err := probe.Load(dir); err == nil || len(probe.LineErrors(err)) != 1 {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "targets:\n- target: a\n", "targets:\n- {target: \"[::1]:1\", tls: try, labels: {a: b}}\n",
		"targets: &a\n- *a\n", "a: &a [*a]\n", "targets:\n- <<: {target: a}\n", "targets: [{target: a, timeout: 1s}]\n---\n",
		"targets:\n- &x {target: a}\n- *x\n", "\xef\xbb\xbftargets: []", "? a\n: b\n", "targets:\n- null\n- {}\n",
	} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := probe.Parse(text, dir)
		if err != nil && list != nil {
			t.Errorf("both %v and %v", list, err)
		}
		seen := make(map[string]bool)
		for _, target := range list {
			if again, err := probe.Address(target.Address); err != nil || again != target.Address || seen[again] {
				t.Errorf("%q is %q, %v", target.Address, again, err)
			}
			if target.Timeout <= 0 {
				t.Errorf("%v has no time", target)
			}
			seen[target.Address] = true
		}
	})
}
