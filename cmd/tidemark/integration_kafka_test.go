//go:build integration

package main

import (
	"fmt"
	"os"
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
