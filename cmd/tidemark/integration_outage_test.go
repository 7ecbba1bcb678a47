//go:build integration

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors/kafka/kafkatest"
)

// TestIntegrationOutage kills the broker while a job reads from it and writes to
// PostgreSQL, and then PostgreSQL: the job waits for each, and loses and doubles nothing.
func TestIntegrationOutage(t *testing.T) {
	server, err := kafkatest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	pg := startPostgres(t)
	topic := crashTopic(t, server.Brokers, crashRowsFile(t))
	want := runScript(t, crashSource(server.Brokers, topic)+"SELECT id, x FROM s WHERE x < 30 ORDER BY id;")
	dir := t.TempDir()
	script := filepath.Join(dir, "job.sql")
	text := crashSource(server.Brokers, topic) + fmt.Sprintf(`CREATE STREAM kept (id BIGINT, x INT) WITH (connector = 'postgres', url = '%s', password = 'env:PGPASSWORD', table = 'kept');
INSERT INTO kept SELECT id, x FROM s WHERE x < 30;
`, pg.url())
	if err := os.WriteFile(script, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd := exec.Command(realBinary(t), "run", "--checkpoint-dir", filepath.Join(dir, "state"), "--checkpoint-interval", "20ms", script)
	cmd.Env, cmd.Stderr = append(withoutTidemark(os.Environ()), "PGPASSWORD=secret"), &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	defer stuck.Stop()
	awaitFile(t, filepath.Join(dir, "state", "checkpoint-000000000001"))
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	back := pg.restart(t)
	if err := server.Revive(); err != nil {
		t.Fatal(err)
	}
	back()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	got := pg.psql(t, "tidemark", "SELECT id, x FROM kept ORDER BY id")
	if d := cmp.Diff(crashLines(want), got); d != "" {
		t.Fatalf("(-want +got)\n%.2000s\n%s", d, errs.String())
	}
}
