//go:build unix

package checkpoint

import (
	"context"
	"testing"
	"time"

	"tidemark/connectors"
)

// A folder has one process. The next one waits a little for its end.
func TestLock(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	first, err := Lock(ctx, dir, &connectors.Retry{})
	if err != nil {
		t.Fatal(err)
	}
	waited := time.Duration(0)
	wait := func(_ context.Context, d time.Duration) error { waited += d; return nil }
	if _, err := Lock(ctx, dir, &connectors.Retry{Delay: time.Second, Times: -1, Limit: LockWait, Wait: wait}); err == nil || err.Error() != "another process is using it" {
		t.Errorf("a second process gets %v", err)
	}
	if waited < LockWait {
		t.Errorf("it waited %v only", waited)
	}
	second, err := Lock(ctx, dir, &connectors.Retry{Delay: time.Second, Times: -1, Limit: LockWait, Wait: func(context.Context, time.Duration) error {
		return first.Close()
	}})
	if err != nil {
		t.Fatalf("a process that comes when the first one ends gets %v", err)
	}
	second.Close()
}
