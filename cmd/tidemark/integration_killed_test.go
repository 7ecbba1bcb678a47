//go:build integration

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"tidemark/connectors"
	"tidemark/connectors/builtin"
	"tidemark/operators/data"
)

func init() { programs["killed-sink"] = killedSink }

// killedRows is how many rows a checkpoint has: more than a sink gathers, so that some
// are in an open transaction when it is killed.
const killedRows = 70_000

// writeKilled writes the rows of a checkpoint.
func writeKilled(s connectors.Sink, checkpoint int64) error {
	b := data.NewPool(sinkSchema).Get()
	for i := range int64(killedRows) {
		b.Cols[0].AppendInt((checkpoint-1)*killedRows + i)
		b.Cols[1].AppendText([]byte("n"))
		b.Cols[2].AppendInt(i)
		b.N++
	}
	return s.Write(context.Background(), b)
}

// killedSink is the process that is killed: it commits a checkpoint, writes the rows of
// another, and waits for its end.
func killedSink() {
	var options map[string]string
	fail := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	fail(json.Unmarshal([]byte(os.Args[2]), &options))
	c, _ := builtin.Registry().Lookup(os.Args[1])
	sink, err := c.NewSink(connectors.SinkConfig{Name: "killed", Schema: sinkSchema, Key: keyOf(os.Args[1]), Options: connectors.NewOptions(options), Job: suiteJob("killed")})
	fail(err)
	s, ctx := sink.(connectors.Transactional), context.Background()
	m, err := s.Marked(ctx)
	fail(err)
	if m != (connectors.Mark{}) {
		fail(fmt.Errorf("the mark is %v", m))
	}
	fail(writeKilled(s, 1))
	fail(s.CommitMarked(ctx, connectors.Mark{Checkpoint: 1, Rows: killedRows}))
	fail(writeKilled(s, 2))
	fmt.Println("written")
	select {}
}

// keyOf is the key of the table that is written to: none, where rows can be appended,
// so that a row that is written twice is seen.
func keyOf(connector string) []int {
	if connector == "redis" {
		return []int{0}
	}
	return nil
}

// testKilled kills a process after its rows were written and before they were
// committed, and has another go on.
func (b *sinkBed) testKilled(t *testing.T) {
	options, err := json.Marshal(b.options)
	if err != nil {
		t.Fatal(err)
	}
	killProcess(t, exec.Command(program(t, "killed-sink"), b.connector, string(options)))
	s, ctx := b.sink(t, "killed", sinkSchema, keyOf(b.connector), suiteJob("killed")).(connectors.Transactional), context.Background()
	m, err := s.Marked(ctx)
	if want := (connectors.Mark{Checkpoint: 1, Rows: killedRows}); err != nil || m != want {
		t.Fatalf("the mark is %v, %v; want %v", m, err, want)
	}
	b.expect(t, "SELECT count(*), count(DISTINCT id) FROM killed", fmt.Sprintf("%d|%d", killedRows, killedRows))
	if err := writeKilled(s, 2); err != nil {
		t.Fatal(err)
	}
	if err := s.CommitMarked(ctx, connectors.Mark{Checkpoint: 2, Rows: 2 * killedRows}); err != nil {
		t.Fatal(err)
	}
	b.expect(t, "SELECT count(*), count(DISTINCT id) FROM killed", fmt.Sprintf("%d|%d", 2*killedRows, 2*killedRows))
}

// killProcess starts a process, waits until it says that it has written, and kills it.
func killProcess(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	cmd.Process.Kill()
	cmd.Wait()
	if line != "written\n" {
		t.Fatalf("the process says %s", line)
	}
}
