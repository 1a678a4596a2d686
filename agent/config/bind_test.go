package config

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
)

type settings struct {
	Port   string        `conf:"port,required"`
	Delay  time.Duration `conf:"delay"`
	Count  int           `conf:"count"`
	Key    int           `conf:"key,secret"`
	Word   string        `conf:"word,secret"`
	NoLock bool          `conf:"nolock"`
}

func (s *settings) Check() error {
	if s.Word != "" {
		return errors.New("the word " + s.Word + " is wrong")
	}
	return nil
}

// known are two drivers. The first keeps what it was opened with in got.
func known(got *settings) []drivers.Driver {
	open := func(_ context.Context, _ drivers.Env, s settings) (drivers.Device, error) {
		*got = s
		return nil, drivers.ErrGone
	}
	return []drivers.Driver{
		drivers.Define("toy", "1", "a toy", settings{Count: 3}, open),
		drivers.Define("portless", "1", "a toy", struct{}{}, func(context.Context, drivers.Env, struct{}) (drivers.Device, error) {
			return nil, drivers.ErrGone
		}),
	}
}

func TestBind(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"sound", "[a]\ndriver=toy\nport=/dev/x\ndelay=4\nnolock\npollinterval=3\ndesc=x\ndefault.x=1\noverride.y=2\nsdorder=1\n", ""},
		{"no port wanted", "[a]\ndriver=portless\nport=x\n", ""},
		{"unknown setting", "[a]\ndriver=toy\nport=x\nfoo=1\n", "ups.conf:4: UPS [a]: driver toy: foo: this driver has no such setting"},
		{
			"all that is wrong", "\n[a]\ndriver=toy\nport=x\ncount=q\ndelay=q\n",
			"ups.conf:5: UPS [a]: driver toy: count: \"q\" is not a whole number\n" +
				"ups.conf:6: UPS [a]: driver toy: delay: \"q\" is not a number of seconds",
		},
		{"no value", "[a]\ndriver=toy\nport=x\ncount\n", "ups.conf:4: UPS [a]: driver toy: count: needs a value"},
		{"a secret", "[a]\ndriver=toy\nport=x\nkey=hunter2\n", "ups.conf:4: UPS [a]: driver toy: key: \"***\" is not a whole number"},
		{"a secret in the last check", "[a]\ndriver=toy\nport=x\nword=hunter2\n", "ups.conf:1: UPS [a]: driver toy: the word *** is wrong"},
		{"of two the last", "[a]\ndriver=toy\nport=x\ncount=1\n[b]\ndriver=x\nport=x\n[a]\ncount=q\n", "ups.conf:9: UPS [a]: driver toy: count: \"q\" is not a whole number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := load(t, map[string]string{"ups.conf": tt.text})
			var got settings
			driver, open, err := Bind(c.UPSes[0], known(&got))
			if tt.want != "" {
				var ps Problems
				if !errors.As(err, &ps) || err.Error() != tt.want || ps[0].Section != "a" {
					t.Errorf("got\n%v\nwant\n%s", err, tt.want)
				}
				return
			}
			if err != nil || driver.Name != c.UPSes[0].Driver {
				t.Fatal(driver.Name, err)
			}
			if _, err := open(t.Context(), drivers.Env{}); !errors.Is(err, drivers.ErrGone) {
				t.Fatal(err)
			}
			if want := (settings{Port: "/dev/x", Delay: 4 * time.Second, Count: 3, NoLock: true}); driver.Name == "toy" && got != want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestBindNoNativeDriver(t *testing.T) {
	_, _, err := Bind(UPS{Name: "a", Driver: "usbhid-ups"}, known(new(settings)))
	if !errors.Is(err, ErrNoNativeDriver) || err.Error() != "UPS [a]: driver usbhid-ups: no native driver" {
		t.Errorf("got %v", err)
	}
}
