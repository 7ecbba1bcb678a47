//go:build integration

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/connectors/kafka/kafkatest"
)

// TestIntegrationKafka writes a file to a topic of a real Kafka and the topic to a file,
// by two runs of the real binary, and finds the same rows.
func TestIntegrationKafka(t *testing.T) {
	brokers := kafkatest.Brokers(t)
	dir := t.TempDir()
	var csv strings.Builder
	csv.WriteString("id,name,amount,ts\n")
	for i := range 20_000 {
		fmt.Fprintf(&csv, "%d,name-%d,%d.%02d,2026-01-05T10:%02d:%02dZ\n", i, i%100, i%1000, i%100, i/60%60, i%60)
	}
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("in.csv", csv.String())
	const columns = "(id BIGINT, name STRING, amount DECIMAL(12,2), ts TIMESTAMP)"
	write := put("write.sql", `CREATE STREAM src `+columns+` WITH (path = 'in.csv');
CREATE STREAM topic `+columns+` WITH (connector = 'kafka', brokers = '${brokers}', topic = '${topic}', format = 'json',
  create_topic = 'true', partitions = '${partitions}', key = 'name', compression = '${codec}');
INSERT INTO topic SELECT * FROM src;
`)
	read := put("read.sql", `CREATE STREAM topic `+columns+` WITH (connector = 'kafka', brokers = '${brokers}', topic = '${topic}', format = 'json',
  'scan.bounded.mode' = 'latest');
CREATE STREAM dst `+columns+` WITH (path = 'out.csv');
INSERT INTO dst SELECT * FROM topic;
`)
	for _, c := range []struct{ codec, partitions string }{{"none", "1"}, {"zstd", "1"}, {"lz4", "4"}} {
		topic := fmt.Sprintf("file-%s-%s-%d", c.codec, c.partitions, time.Now().UnixNano())
		define := []string{"run", "-D", "brokers=" + brokers, "-D", "topic=" + topic}
		output(t, realBinary(t), append(define, "-D", "codec="+c.codec, "-D", "partitions="+c.partitions, write)...)
		output(t, realBinary(t), append(define, read)...)
		out, err := os.ReadFile(filepath.Join(dir, "out.csv"))
		if err != nil {
			t.Fatal(err)
		}
		want, got := strings.Split(csv.String(), "\n"), strings.Split(string(out), "\n")
		if c.partitions != "1" {
			slices.Sort(want)
			slices.Sort(got)
		}
		if !slices.Equal(want, got) {
			t.Errorf("%s, %s partitions: %d lines were written, %d lines came back, or others", c.codec, c.partitions, len(want), len(got))
		}
	}
}

// TestIntegrationKafkaKilled kills the real binary again and again, each time once it has
// made another checkpoint, while it writes a file to a topic. Readers of committed
// messages find each row once.
func TestIntegrationKafkaKilled(t *testing.T) {
	const rows, kills = 400_000, 5
	brokers := kafkatest.Brokers(t)
	dir := t.TempDir()
	var csv strings.Builder
	csv.WriteString("id\n")
	for i := range rows {
		fmt.Fprintln(&csv, i)
	}
	for name, text := range map[string]string{
		"in.csv": csv.String(),
		"write.sql": `CREATE STREAM src (id BIGINT) WITH (path = 'in.csv');
CREATE STREAM topic (id BIGINT) WITH (connector = 'kafka', brokers = '${brokers}', topic = '${topic}', format = 'json', create_topic = 'true', partitions = '3');
INSERT INTO topic SELECT id FROM src;
`,
		"count.sql": `CREATE STREAM topic (id BIGINT) WITH (connector = 'kafka', brokers = '${brokers}', topic = '${topic}', format = 'json', 'scan.bounded.mode' = 'latest');
SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids, SUM(id) AS total FROM topic;
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	define := []string{"-D", "brokers=" + brokers, "-D", fmt.Sprintf("topic=killed-%d", time.Now().UnixNano())}
	state := filepath.Join(dir, "state")
	write := append([]string{"run", "-q", "--checkpoint-dir", state, "--checkpoint-interval", "20ms"}, append(define, filepath.Join(dir, "write.sql"))...)
	for range kills {
		before := checkpoints(state)
		cmd := exec.Command(realBinary(t), write...)
		cmd.Env = withoutTidemark(os.Environ())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		tick := time.NewTicker(time.Millisecond)
		for over := false; !over && checkpoints(state) == before; {
			select {
			case <-tick.C:
			case err := <-ended:
				ended <- err
				over = true
			}
		}
		tick.Stop()
		cmd.Process.Kill()
		<-ended
	}
	output(t, realBinary(t), write...)
	got := output(t, realBinary(t), append([]string{"run", "-q", "-o", "csv"}, append(define, filepath.Join(dir, "count.sql"))...)...)
	if want := fmt.Sprintf("n,ids,total\n%d,%d,%d\n", rows, rows, rows*(rows-1)/2); got != want {
		t.Errorf("the topic has\n%swant\n%s", got, want)
	}
}

// checkpoints returns the names of what is in a folder of checkpoints.
func checkpoints(dir string) string {
	entries, _ := os.ReadDir(dir) // there is no folder yet before the first
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
