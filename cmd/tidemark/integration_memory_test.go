//go:build integration

package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// peak runs the binary and returns its greatest memory in kilobytes.
func peak(t *testing.T, args ...string) int64 {
	t.Helper()
	cmd := exec.Command(realBinary(t), args...)
	cmd.Env = withoutTidemark(os.Environ())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
}

// TestIntegrationMemory runs windows over keys that come and go, a million in an
// hour: ten hours of them take no more memory than two.
func TestIntegrationMemory(t *testing.T) {
	for _, window := range []string{
		"TUMBLE(ts, INTERVAL '5' MINUTE)", "HOP(ts, INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)", "SESSION(ts, INTERVAL '30' SECOND)",
	} {
		of := func(rows int) int64 {
			return peak(t, "run", "-q", "-o", "none", "-e", fmt.Sprintf(`
				CREATE STREAM s (id BIGINT, k AS id / 10, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
				WITH (connector = 'datagen', rows = '%d', 'fields.id.kind' = 'sequence', 'fields.ts.step' = '360us');
				SELECT window_start, k, COUNT(*) AS n, SUM(id) AS s FROM s GROUP BY %s, k`, rows, window))
		}
		short, long := of(20_000_000), of(100_000_000)
		t.Logf("%s: %d KB for 20 M rows, %d KB for 100 M", window, short, long)
		if long > short*4/3 {
			t.Errorf("%s: %d KB for 20 M rows, %d KB for 100 M", window, short, long)
		}
	}
}
