//go:build integration

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidemark/connectors/kafka/kafkatest"
)

// kafkaCrashes is how often the jobs of a test are killed: TIDEMARK_CRASHES says otherwise.
func kafkaCrashes(t *testing.T) int {
	text := os.Getenv("TIDEMARK_CRASHES")
	if text == "" {
		return 200
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("TIDEMARK_CRASHES is %q, and should be a number", text)
	}
	return n
}

const (
	kafkaRows       = 60_000
	crashPartitions = 4
)

// crashRowsFile writes a file of rows, partition by partition of the topic that they go to.
func crashRowsFile(t *testing.T) string {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	var b bytes.Buffer
	for i := range kafkaRows {
		at := start.Add(time.Duration(i)*20*time.Millisecond - time.Duration(random.IntN(9000))*time.Millisecond)
		fmt.Fprintf(&b, "{\"id\":%d,\"k\":\"k%d\",\"ts\":\"%s\",\"x\":%d}\n", i, random.IntN(50), at.Format("2006-01-02T15:04:05.000Z"), random.IntN(100))
	}
	path := filepath.Join(t.TempDir(), "rows.ndjson")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// killed runs a script with a checkpoint folder and kills it at random instants until it
// has come to its end; it returns how often it was killed.
func killed(t *testing.T, script, state string, took time.Duration, random *rand.Rand, env []string) (kills int) {
	t.Helper()
	for {
		most := time.Duration(1 + random.Int64N(int64(took)*int64(kills+3)/3))
		ctx, cancel := context.WithTimeout(context.Background(), most)
		var errs bytes.Buffer
		cmd := exec.CommandContext(ctx, realBinary(t), "run", "--quiet", "--checkpoint-dir", state, "--checkpoint-interval", "50ms",
			"--parallelism", strconv.Itoa(1+random.IntN(3)), script)
		cmd.Env, cmd.Stderr = append(withoutTidemark(os.Environ()), env...), &errs
		err := cmd.Run()
		cancel()
		var exit *exec.ExitError
		switch {
		case err == nil:
			return kills
		case errors.As(err, &exit) && exit.ExitCode() < 0, errors.Is(err, context.DeadlineExceeded): // or before it has started
			kills++
		default:
			t.Fatalf("after %d kills: %v\n%s", kills, err, errs.String())
		}
	}
}

// runScript runs a script of the real program to its end and returns what it printed.
func runScript(t *testing.T, text string, env ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.sql")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(realBinary(t), "run", "--quiet", "-o", "csv", path)
	cmd.Env = append(withoutTidemark(os.Environ()), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, errs.String(), text)
	}
	return out.String()
}

// crashTopic fills a topic with the rows of a file.
func crashTopic(t *testing.T, brokers, file string) string {
	topic := fmt.Sprintf("crash-%d", time.Now().UnixNano())
	runScript(t, fmt.Sprintf(`CREATE STREAM f (id BIGINT, k STRING, ts STRING, x INT) WITH (path = '%s');
CREATE STREAM t (id BIGINT, k STRING, ts STRING, x INT) WITH (connector = 'kafka', brokers = '%s', topic = '%s', format = 'json', key = 'k', create_topic = 'true', partitions = '%d');
INSERT INTO t SELECT id, k, ts, x FROM f;`, file, brokers, topic, crashPartitions))
	return topic
}

// crashSource declares the topic, whose end is where it stands.
func crashSource(brokers, topic string) string {
	return fmt.Sprintf(`CREATE STREAM s (id BIGINT, k STRING, ts TIMESTAMP, x INT, WATERMARK FOR ts AS ts - INTERVAL '10' SECOND)
  WITH (connector = 'kafka', brokers = '%s', topic = '%s', format = 'json', scan.startup.mode = 'earliest', scan.bounded.mode = 'latest');
`, brokers, topic)
}

const crashSums = `INSERT INTO sums SELECT window_start, k, COUNT(*) AS n, SUM(x) AS s FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), k;
INSERT INTO kept SELECT id, x FROM s WHERE x < 30;
`

// TestIntegrationCrashKafka kills jobs from Kafka to Kafka and from Kafka to PostgreSQL at
// random instants: what they leave is what jobs leave that nobody has killed.
func TestIntegrationCrashKafka(t *testing.T) {
	brokers := kafkatest.Brokers(t)
	topic := crashTopic(t, brokers, crashRowsFile(t))
	want := runScript(t, crashSource(brokers, topic)+"SELECT window_start, k, COUNT(*) AS n, SUM(x) AS s FROM s GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), k ORDER BY 1, 2;")
	wantKept := runScript(t, crashSource(brokers, topic)+"SELECT id, x FROM s WHERE x < 30 ORDER BY id;")
	kills := kafkaCrashes(t)
	t.Run("Kafka to Kafka", func(t *testing.T) {
		random, total := rand.New(rand.NewPCG(1, 2)), 0
		for round := 0; total < kills; round++ {
			dir := t.TempDir()
			out := fmt.Sprintf("%s-out-%d", topic, round)
			sinks := func(options string) string {
				return fmt.Sprintf(`CREATE STREAM sums (window_start TIMESTAMP, k STRING, n BIGINT, s BIGINT) WITH (connector = 'kafka', brokers = '%[1]s', topic = '%[2]s-sums', format = 'json'%[3]s);
CREATE STREAM kept (id BIGINT, x INT) WITH (connector = 'kafka', brokers = '%[1]s', topic = '%[2]s-kept', format = 'json'%[3]s);
`, brokers, out, options)
			}
			script := filepath.Join(dir, "job.sql")
			if err := os.WriteFile(script, []byte(crashSource(brokers, topic)+sinks(", create_topic = 'true', partitions = '2'")+crashSums), 0o666); err != nil {
				t.Fatal(err)
			}
			total += killed(t, script, filepath.Join(dir, "state"), 700*time.Millisecond, random, nil)
			read := sinks(", scan.bounded.mode = 'latest'")
			awaitTopic(t, round, want, read+"SELECT window_start, k, n, s FROM sums ORDER BY 1, 2;")
			awaitTopic(t, round, wantKept, read+"SELECT id, x FROM kept ORDER BY id;")
		}
		t.Logf("%d kills", total)
	})
	t.Run("Kafka to PostgreSQL", func(t *testing.T) {
		pg := startPostgres(t)
		random, total := rand.New(rand.NewPCG(3, 4)), 0
		for round := 0; total < kills; round++ {
			dir := t.TempDir()
			script := filepath.Join(dir, "job.sql")
			tables := fmt.Sprintf(`CREATE TABLE sums (window_start TIMESTAMP, k STRING, n BIGINT, s BIGINT, PRIMARY KEY (window_start, k)) WITH (connector = 'postgres', url = '%[1]s', password = 'env:PGPASSWORD', table = 'sums%[2]d');
CREATE STREAM kept (id BIGINT, x INT) WITH (connector = 'postgres', url = '%[1]s', password = 'env:PGPASSWORD', table = 'kept%[2]d');
`, pg.url(), round)
			if err := os.WriteFile(script, []byte(crashSource(brokers, topic)+tables+crashSums), 0o666); err != nil {
				t.Fatal(err)
			}
			total += killed(t, script, filepath.Join(dir, "state"), 700*time.Millisecond, random, []string{"PGPASSWORD=secret"})
			got := pg.psql(t, "tidemark", fmt.Sprintf("SELECT to_char(window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), k, n, s FROM sums%d ORDER BY 1, k COLLATE \"C\"", round))
			if d := cmp.Diff(crashLines(want), got); d != "" {
				t.Fatalf("round %d (-want +got)\n%.2000s", round, d)
			}
			got = pg.psql(t, "tidemark", fmt.Sprintf("SELECT id, x FROM kept%d ORDER BY id", round))
			if d := cmp.Diff(crashLines(wantKept), got); d != "" {
				t.Fatalf("round %d (-want +got)\n%.2000s", round, d)
			}
		}
		t.Logf("%d kills", total)
	})
}

// awaitTopic reads a topic until it has what is wanted, or more. The last transaction is
// committed when its job ends, and the brokers show it a little later.
func awaitTopic(t *testing.T, round int, want, query string) {
	t.Helper()
	got := ""
	for range 40 {
		if got = runScript(t, query); len(got) >= len(want) {
			break
		}
		<-time.After(250 * time.Millisecond)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("round %d (-want +got)\n%.2000s", round, d)
	}
}

// crashLines turns the rows of csv into what psql prints.
func crashLines(csv string) string {
	_, rows, _ := strings.Cut(csv, "\n")
	return strings.TrimSuffix(strings.ReplaceAll(rows, ",", "|"), "\n")
}
