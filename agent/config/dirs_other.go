//go:build !unix

package config

import "os"

// writable tells whether there is such a folder.
func writable(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}
