package checkpoint

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"tidemark/connectors"
)

// LockWait is how long Lock is to wait for the process before: one that was killed while it
// wrote a large checkpoint is there until the disk is done.
const LockWait = 5 * time.Second

// Lock keeps other processes from using a checkpoint folder until the file is closed or
// the process ends. While another has it, Lock tries again as retry says.
func Lock(ctx context.Context, dir string, retry *connectors.Retry) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, connectors.Reason(err)
	}
	if err := retry.Do(ctx, func() error { return take(f) }); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
