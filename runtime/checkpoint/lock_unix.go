//go:build unix

package checkpoint

import (
	"errors"
	"os"
	"syscall"

	"tidemark/connectors"
)

// take makes an open file the process's own: an Unavailable error while another has it.
func take(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return &connectors.Unavailable{Err: errors.New("another process is using it")}
	}
	return err
}
