package dummy

import (
	"io/fs"
	"testing"

	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/nut"
)

func TestDemo(t *testing.T) {
	e := env(t)
	names, err := fs.Glob(Demo(), "*")
	if err != nil || len(names) != 3 {
		t.Fatalf("files %v, %v", names, err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			data, err := fs.ReadFile(Demo(), name)
			if err != nil {
				t.Fatal(err)
			}
			if _, faults := parse(data); len(faults) > 0 {
				t.Errorf("faults %v", faults)
			}
			write(t, e, name, string(data))
			drivertest.Suite(t, drivertest.Config{
				Driver: Driver, Settings: settings("port", name), Env: e, FakeTime: true,
				Values: map[nut.Name]string{"ups.status": "OB"},
			})
		})
	}
}
