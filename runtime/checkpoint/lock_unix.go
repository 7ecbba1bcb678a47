//go:build unix

package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"tidemark/connectors"
)

// Lock keeps other processes from using a checkpoint folder until the file is closed or
// the process ends.
func Lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, connectors.Reason(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.New("another process is using it")
		}
		return nil, err
	}
	return f, nil
}
