//go:build !unix

package checkpoint

import (
	"os"
	"path/filepath"

	"tidemark/connectors"
)

// Lock opens the lock file of a checkpoint folder. Here it keeps nobody else out.
func Lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o666)
	return f, connectors.Reason(err)
}
