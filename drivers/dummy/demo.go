package dummy

import (
	"embed"
	"io/fs"
)

//go:embed demo
var demo embed.FS

// Demo has device files of the project's own: a PDU with outlets, a UPS with
// ambient sensors, and a sequence that plays a battery test.
func Demo() fs.FS {
	files, err := fs.Sub(demo, "demo")
	if err != nil {
		panic(err) // the name is the one above
	}
	return files
}
