package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// The Kafka part: the clicks are written to a topic of eight partitions and read from it
// by the tumbling query, in this process, so that a profile tells where the time goes.

const kafkaPartitions = 8

// kafkaTables are the file, and the topic as a sink and as a source.
const (
	fileTable  = "CREATE STREAM clicks (event_id BIGINT, user_id STRING, event_time TIMESTAMP, amount DECIMAL(18,2), page STRING) WITH (path = '%s', format = 'json');\n"
	topicTable = `CREATE STREAM %s (event_id BIGINT, user_id STRING, event_time TIMESTAMP, amount DECIMAL(18,2), page STRING%s)
WITH (connector = 'kafka', brokers = '%s', topic = '%s', format = 'json', %s);
`
	clickTime = ", WATERMARK FOR event_time AS event_time - INTERVAL '603' SECOND"
)

// shares are the parts of the work, and the functions that do it, each with all that it
// calls.
var shares = []struct {
	name      string
	functions []string
}{
	{"fetch", []string{"connectors/kafka.(*fetchRequest).RawExchange", "connectors/kafka.(*fetcher).land"}},
	{"decode", []string{"connectors/kafka.(*unpacker).unpack"}},
	{"parse", []string{"connectors/format.(*jsonDecoder).Decode"}},
	{"merge", []string{"runtime/dataflow.(*unionRun).run"}},
	{"aggregate", []string{"runtime/dataflow.(*Keyed).work"}},
}

// kafka writes the clicks to a new topic and measures the reading. brokers "start" starts
// a Kafka of its own.
func kafka(w io.Writer, brokers, dir string, rows, runs int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := (clicks{rows: rows, users: 5000, zipf: 1.1, spacing: 10}).write(dir, "clicks"); err != nil {
		return err
	}
	if brokers == "start" {
		address, stop, err := startKafka()
		if err != nil {
			return err
		}
		defer stop()
		brokers = address
	}
	topic := fmt.Sprintf("tidemark-bench-%d", time.Now().UnixNano())
	load := fmt.Sprintf(fileTable, filepath.Join(dir, "clicks.ndjson")) +
		fmt.Sprintf(topicTable, "topic", "", brokers, topic, fmt.Sprintf("create_topic = 'true', partitions = '%d', replication_factor = '1'", kafkaPartitions)) +
		"INSERT INTO topic SELECT * FROM clicks;"
	took, err := runScript(load)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d rows, %d partitions, %d processors\n\nwritten in %.2f s: %.1f M rows/s\n", rows, kafkaPartitions, runtime.NumCPU(), took, float64(rows)/took/1e6)
	read := fmt.Sprintf(topicTable, "clicks", clickTime, brokers, topic, "scan.bounded.mode = 'latest'") + tumble
	for range runs {
		profile := filepath.Join(dir, "kafka.pprof")
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		took, err := runScript(read)
		pprof.StopCPUProfile()
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return err
		}
		line, err := split(profile, rows)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "tumble in %.2f s: %.1f M rows/s; %s\n", took, float64(rows)/took/1e6, line)
	}
	return nil
}

// runScript runs a script in this process and returns how long it took.
func runScript(sql string) (seconds float64, err error) {
	job, problems, err := engine.New(builtin.Registry()).Prepare(source.NewFile("kafka.sql", sql), engine.Options{Output: "csv", Stdout: io.Discard})
	if problems.HasErrors() {
		return 0, fmt.Errorf("%s", problems.Render())
	}
	if err != nil {
		return 0, err
	}
	start := time.Now()
	_, err = job.Run(context.Background(), context.Background())
	return time.Since(start).Seconds(), err
}

// split returns what a profile says of the parts of the work.
func split(profile string, rows int) (string, error) {
	out, err := exec.Command("go", "tool", "pprof", "-top", "-cum", "-nodecount=100000", "-nodefraction=0", "-unit=ms", profile).Output()
	if err != nil {
		return "", fmt.Errorf("reading the profile: %w", err)
	}
	total, spent := 0.0, map[string]float64{}
	for line := range strings.Lines(string(out)) {
		if _, rest, ok := strings.Cut(line, "Total samples ="); ok {
			fmt.Sscanf(rest, "%fms", &total)
			continue
		}
		f := strings.Fields(line)
		const columns = 6 // flat, flat %, sum %, cum, cum %, function
		if len(f) < columns {
			continue
		}
		name := strings.TrimPrefix(f[columns-1], "tidemark/")
		for _, s := range shares {
			for _, function := range s.functions {
				if ms, err := strconv.ParseFloat(strings.TrimSuffix(f[3], "ms"), 64); err == nil && name == function {
					spent[s.name] += ms
				}
			}
		}
	}
	if total == 0 {
		return "", fmt.Errorf("the profile %s is empty", profile)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%.1f M rows per second of CPU, of which", float64(rows)/total/1e3)
	rest := 100.0
	for _, s := range shares {
		share := 100 * spent[s.name] / total
		rest -= share
		fmt.Fprintf(&b, " %s %.0f %%,", s.name, share)
	}
	fmt.Fprintf(&b, " other %.0f %%", rest)
	return b.String(), nil
}

// startKafka starts a Kafka that stop ends.
func startKafka() (brokers string, stop func(), err error) {
	cmd := exec.Command(filepath.Join(".ci", "kafka", "serve"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting Kafka: %w", err)
	}
	stop = func() {
		in.Close()
		cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	brokers, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		stop()
		return "", nil, fmt.Errorf("the Kafka for the measurement did not start")
	}
	return brokers, stop, nil
}
