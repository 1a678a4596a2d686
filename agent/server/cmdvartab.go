package server

import (
	"errors"
	"fmt"
	"io"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// Table is a [Descriptions] read from a file.
type Table struct{ variables, commands map[nut.Name]string }

// maxTable is the largest file ReadTable reads: NUT's own has 30 KB.
const maxTable = 4 << 20

// ReadTable reads a file in the form of NUT's cmdvartab: lines of VARDESC or
// CMDDESC, a name and a description. Other lines are left out.
func ReadTable(r io.Reader) (*Table, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("descriptions: %w", err)
	case len(data) > maxTable:
		return nil, fmt.Errorf("descriptions: %w", errTableSize)
	}
	t := &Table{variables: make(map[nut.Name]string), commands: make(map[nut.Name]string)}
	scan := wire.Scanner{Multiline: true}
	for len(data) > 0 {
		n, result := scan.Scan(data)
		data = data[n:]
		if result == wire.Line {
			t.add(scan.Words())
		}
	}
	if scan.End() == wire.Line {
		t.add(scan.Words())
	}
	return t, nil
}

var errTableSize = errors.New("the file is too large to be one of descriptions")

func (t *Table) add(words [][]byte) {
	if len(words) < 3 {
		return
	}
	switch name := nut.Name(words[1]).Fold(); string(words[0]) {
	case "VARDESC":
		t.variables[name] = string(words[2])
	case "CMDDESC":
		t.commands[name] = string(words[2])
	}
}

// Variable is [Descriptions.Variable].
func (t *Table) Variable(name nut.Name) string { return t.variables[name.Fold()] }

// Command is [Descriptions.Command].
func (t *Table) Command(name nut.Name) string { return t.commands[name.Fold()] }
