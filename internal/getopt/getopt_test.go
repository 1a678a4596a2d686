package getopt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/getopt"
)

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		args       string
		want, rest string
		err        string
	}{
		{args: "", want: ""},
		{args: "ups", rest: "ups"},
		{args: "-h ups -h", want: "h", rest: "ups -h"},
		{args: "-hxh", want: "h x h"},
		{args: "-uadmin -x", want: "u=admin x"},
		{args: "-u admin ups", want: "u=admin", rest: "ups"},
		{args: "-xuadmin", want: "x u=admin"},
		{args: "-u -x", want: "u=-x"},
		{args: "-h -- -x", want: "h", rest: "-x"},
		{args: "- -x", rest: "- -x"},
		{args: "-z", err: "prog: invalid option -- 'z'"},
		{args: "-hz ups", want: "h", rest: "ups", err: "prog: invalid option -- 'z'"},
		{args: "-:", err: "prog: invalid option -- ':'"},
		{args: "-u", err: "prog: option requires an argument -- 'u'"},
		{args: "--help ups", want: "h", rest: "ups"},
		{args: "--version", err: "prog: invalid option -- 'V'"},
		{args: "--he", err: "prog: invalid option -- '-'"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			o := getopt.New("prog", strings.Fields(tt.args), "hu:x")
			var got []string
			for opt, arg := range o.All() {
				if arg != "" {
					arg = "=" + arg
				}
				got = append(got, string(opt)+arg)
			}
			if !slices.Equal(got, strings.Fields(tt.want)) {
				t.Errorf("options %q, want %q", got, tt.want)
			}
			if !slices.Equal(o.Rest(), strings.Fields(tt.rest)) {
				t.Errorf("rest %q, want %q", o.Rest(), tt.rest)
			}
			if err := o.Err(); fmt.Sprint(err) != tt.err && (err != nil || tt.err != "") {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestEmptyArgument(t *testing.T) {
	o := getopt.New("prog", []string{"-u", "", "x"}, "u:")
	for opt, arg := range o.All() {
		if opt != 'u' || arg != "" {
			t.Errorf("got %c %q", opt, arg)
		}
	}
	if o.Err() != nil || len(o.Rest()) != 1 {
		t.Errorf("error %v, rest %q", o.Err(), o.Rest())
	}
}

func Example() {
	o := getopt.New("upscmd", []string{"-lDu", "admin", "myups"}, "lDu:")
	for opt, arg := range o.All() {
		fmt.Printf("%c %q\n", opt, arg)
	}
	fmt.Println(o.Rest(), o.Err())
	// Output:
	// l ""
	// D ""
	// u "admin"
	// [myups] <nil>
}

func TestLongOptions(t *testing.T) {
	names := map[string]byte{"help": 'h', "user": 'u', "extra": 'x', "exact": 'e', "extras": 'x'}
	for _, tt := range []struct {
		args       string
		want, rest string
		err        string
	}{
		{args: "--extra --user=me --user you ups", want: "x u=me u=you", rest: "ups"},
		{args: "--he -x", want: "h x"},
		{args: "--extr", want: "x"}, // two names, one option
		{args: "--user= x", want: "u", rest: "x"},
		{args: "--user=a=b", want: "u=a=b"},
		{args: "-- --extra", rest: "--extra"},
		{args: "--ex", err: "prog: option '--ex' is ambiguous"},
		{args: "--nothing=1", err: "prog: unrecognized option '--nothing'"}, //nolint:misspell // getopt_long's word
		{args: "--version", err: "prog: unrecognized option '--version'"},   //nolint:misspell // the same
		{args: "--user", err: "prog: option '--user' requires an argument"},
		{args: "--help=me", err: "prog: option '--help' doesn't allow an argument"},
		{args: "-z", err: "prog: invalid option -- 'z'"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			o := getopt.New("prog", strings.Fields(tt.args), "hu:xe").Long(names)
			var got []string
			for opt, arg := range o.All() {
				if arg != "" {
					arg = "=" + arg
				}
				got = append(got, string(opt)+arg)
			}
			if !slices.Equal(got, strings.Fields(tt.want)) || !slices.Equal(o.Rest(), strings.Fields(tt.rest)) {
				t.Errorf("options %q rest %q, want %q and %q", got, o.Rest(), tt.want, tt.rest)
			}
			if err := o.Err(); fmt.Sprint(err) != tt.err && (err != nil || tt.err != "") {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}
