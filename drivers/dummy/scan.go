package dummy

import (
	"context"
	"os"
	"path/filepath"

	"github.com/wattnut/wattnut/drivers"
)

// Scanner finds the files to be played that lie in the configuration folder.
var Scanner = drivers.Scanner{Bus: drivers.BusSimulation, Scan: scan}

func scan(_ context.Context, where drivers.Search, found func(drivers.Found)) error {
	files, err := os.ReadDir(where.Dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if ext := filepath.Ext(f.Name()); f.Type().IsRegular() && (ext == ".dev" || ext == ".seq") {
			found(drivers.Found{Driver: Driver.Name, Settings: []drivers.Setting{{Name: "port", Value: f.Name()}}})
		}
	}
	return nil
}
