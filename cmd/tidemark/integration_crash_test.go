//go:build integration

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// crashKills is how often the job is killed.
const crashKills = 20

// crashRows makes the input of the job: a row a second, a little out of order.
func crashRows(t *testing.T, path string, rows int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	began := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		at := began.Add(time.Duration(i+random.IntN(5)) * time.Second)
		fmt.Fprintf(&b, `{"id":%d,"k":"k%d","x":%d,"ts":"%s"}`+"\n", i, i%300, i%100, at.Format(time.RFC3339))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestIntegrationCrash kills a job of the real program at random instants. When it has
// come to its end, PostgreSQL has each row once, and all sums are right, as they are in
// Redis.
func TestIntegrationCrash(t *testing.T) {
	const rows = 200_000
	postgres, redis, dir := startPostgres(t), startRedis(t, nil), t.TempDir()
	input, script := filepath.Join(dir, "in.ndjson"), filepath.Join(dir, "job.sql")
	crashRows(t, input, rows)
	kills := 0
	for round := uint64(1); kills < crashKills; round++ {
		if round > 2*crashKills {
			t.Fatalf("the job was killed only %d times in %d rounds", kills, round)
		}
		text := fmt.Sprintf(`CREATE STREAM s (id BIGINT, k STRING, x BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH (path = '%s');
			CREATE STREAM kept (id BIGINT, x BIGINT) WITH (connector = 'postgres', url = '%s', password = 'env:DB_PASSWORD', table = 'kept%[3]d');
			CREATE TABLE sums (k STRING PRIMARY KEY, n BIGINT, s BIGINT) WITH (connector = 'postgres', url = '%[2]s', password = 'env:DB_PASSWORD', table = 'sums%[3]d');
			CREATE TABLE features (k STRING PRIMARY KEY, n BIGINT, s BIGINT) WITH (connector = 'redis', port = '%[4]d', host = '127.0.0.1', password = 'env:DB_PASSWORD', prefix = '%[3]d/');
			INSERT INTO kept SELECT id, x FROM s WHERE x < 70;
			INSERT INTO sums SELECT k, COUNT(*) AS n, SUM(x) AS s FROM s GROUP BY k;
			INSERT INTO features SELECT k, COUNT(*) AS n, SUM(x) AS s FROM s GROUP BY k;`, input, postgres.url(), round, redis.port)
		if err := os.WriteFile(script, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		kills += runKilled(t, rand.New(rand.NewPCG(round, 7)), script, filepath.Join(dir, strconv.FormatUint(round, 10)))
		want := fmt.Sprintf("%d|%[1]d|%d|300|%d|%d", rows*70/100, rows/100*(69*70/2), rows, rows/100*(99*100/2))
		query := fmt.Sprintf("SELECT count(*), count(DISTINCT id), sum(x), (SELECT count(*) FROM sums%d), (SELECT sum(n) FROM sums%[1]d), (SELECT sum(s) FROM sums%[1]d) FROM kept%[1]d", round)
		if got := postgres.psql(t, "tidemark", query); got != want {
			t.Fatalf("round %d: PostgreSQL has %s, want %s", round, got, want)
		}
		sum := fmt.Sprintf("local n, s = 0, 0 for i = 0, 299 do n = n + redis.call('HGET', '%d/k' .. i, 'n') s = s + redis.call('HGET', '%[1]d/k' .. i, 's') end return n .. '|' .. s", round)
		if got, want := redis.redis(t, "EVAL", sum, "0"), fmt.Sprintf("%d|%d", rows, rows/100*(99*100/2)); got != want {
			t.Fatalf("round %d: Redis has %s, want %s", round, got, want)
		}
	}
}

// runKilled runs a job until it comes to its end, killed at random instants on the
// way, and returns how often that was.
func runKilled(t *testing.T, random *rand.Rand, script, checkpoints string) (kills int) {
	t.Helper()
	for {
		// The more often it was killed, the longer it may run: it comes to its end.
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(50+random.IntN(300*(kills+2)))*time.Millisecond)
		cmd := exec.CommandContext(ctx, program(t, "tidemark"), "run", "-q", "--checkpoint-dir", checkpoints, "--checkpoint-interval", "20ms", script)
		cmd.Env = append(withoutTidemark(os.Environ()), "DB_PASSWORD=secret")
		out, err := cmd.CombinedOutput()
		isKilled := ctx.Err() != nil && err != nil
		cancel()
		switch {
		case err == nil:
			return kills
		case !isKilled:
			t.Fatalf("after %d kills: %v\n%s", kills, err, out)
		}
		kills++
	}
}
