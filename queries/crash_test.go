package queries_test

import (
	"bytes"
	"context"
	"database/sql"
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
)

// crashJob writes what it reads into a database, by key and as rows, and into a file.
const crashJob = `CREATE STREAM clicks (id BIGINT, k STRING, ts TIMESTAMP, x INT, WATERMARK FOR ts AS ts - INTERVAL '20' SECOND)
  WITH (path = '%s', on_error = 'dead_letter', dead_letter = 'bad');
CREATE STREAM bad (source STRING, line BIGINT, reason STRING) WITH (connector = 'sqlite', path = '%s', table = 'bad');
CREATE TABLE sums (window_start TIMESTAMP, k STRING, n BIGINT, s BIGINT, PRIMARY KEY (window_start, k)) WITH (connector = 'sqlite', path = '%[2]s', table = 'sums');
CREATE STREAM kept (id BIGINT, x INT) WITH (connector = 'sqlite', path = '%[2]s', table = 'kept');
CREATE STREAM copied (id BIGINT, k STRING, x INT) WITH (path = '%[3]s');
CREATE STREAM parts (id BIGINT, k STRING, x INT) WITH (path = '%[3]s.parts/', format = 'csv', part_size = '20 KB');
INSERT INTO sums SELECT window_start, k, COUNT(*) AS n, SUM(x) AS s FROM clicks GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), k ALLOWED LATENESS INTERVAL '1' MINUTE;
INSERT INTO kept SELECT id, x FROM clicks WHERE x < 20;
INSERT INTO copied SELECT id, k, x FROM clicks WHERE x > 50;
INSERT INTO parts SELECT id, k, x FROM clicks WHERE x > 30;
`

// crashInput writes rows out of order, of which some are late and some no rows at all.
func crashInput(t *testing.T, path string, rows int) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	var b bytes.Buffer
	for i := range rows {
		at := start.Add(time.Duration(i) * 20 * time.Millisecond).Add(-time.Duration(random.IntN(20000)) * time.Millisecond)
		if random.IntN(1000) == 0 {
			at = at.Add(-time.Duration(random.IntN(180)) * time.Second)
		}
		if random.IntN(5000) == 0 {
			fmt.Fprintf(&b, "{\"id\":%d,\"x\":\"no number\"}\n", i)
			continue
		}
		fmt.Fprintf(&b, "{\"id\":%d,\"k\":\"key %d\",\"ts\":\"%s\",\"x\":%d}\n", i, random.IntN(100), at.Format("2006-01-02T15:04:05.000Z"), random.IntN(100))
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// crashed is a job that is killed again and again.
type crashed struct {
	t      *testing.T
	dir    string
	script string
	random *rand.Rand
	kills  int
}

func newCrashed(t *testing.T, input string, seed uint64) *crashed {
	t.Helper()
	c := &crashed{t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(seed, 9))}
	c.script = filepath.Join(c.dir, "job.sql")
	text := fmt.Sprintf(crashJob, input, filepath.Join(c.dir, "out.db"), filepath.Join(c.dir, "copied.csv"))
	if err := os.WriteFile(c.script, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return c
}

// run runs the job, for at most a time when that is not 0, and reports whether it came to
// its end.
func (c *crashed) run(most time.Duration, args ...string) bool {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if most > 0 {
		ctx, cancel = context.WithTimeout(ctx, most)
		defer cancel()
	}
	var errs bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, append([]string{"run", "--quiet"}, append(args, c.script)...)...)
	cmd.Stderr = &errs
	err := cmd.Run()
	var exit *exec.ExitError
	// The time may also be over before the program is started, or just when it ends.
	if errors.As(err, &exit) && exit.ExitCode() < 0 || errors.Is(err, context.DeadlineExceeded) { // killed
		c.kills++
		return false
	}
	if err != nil {
		c.t.Fatalf("after %d kills: %v\n%s", c.kills, err, errs.String())
	}
	return true
}

// content is what the job has written.
func (c *crashed) content() (out []string) {
	c.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.dir, "out.db"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{"SELECT * FROM sums ORDER BY 1, 2", "SELECT * FROM kept ORDER BY rowid", "SELECT * FROM bad ORDER BY rowid"} {
		for _, row := range batchRows(c.t, db, query) {
			out = append(out, fmt.Sprint(row...))
		}
	}
	copied, err := os.ReadFile(filepath.Join(c.dir, "copied.csv"))
	if err != nil {
		c.t.Fatal(err)
	}
	return append(out, string(copied), c.parts())
}

// parts returns the rows of the files of the folder that the job writes: which file has
// which depends on its checkpoints.
func (c *crashed) parts() string {
	names, err := filepath.Glob(filepath.Join(c.dir, "copied.csv.parts", "[^.]*"))
	if err != nil || len(names) == 0 {
		c.t.Fatalf("there are no parts, %v", err)
	}
	var all strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			c.t.Fatal(err)
		}
		_, rows, _ := strings.Cut(string(text), "\n")
		all.WriteString(rows)
	}
	return all.String()
}

// TestCrash kills a job of the real program at random instants until it comes to its end:
// what it leaves is what a job leaves that nobody has killed. Workers change meanwhile.
// TIDEMARK_CRASHES says how often it is to be killed.
func TestCrash(t *testing.T) {
	kills, rows := 25, 40_000
	if n, err := strconv.Atoi(os.Getenv("TIDEMARK_CRASHES")); err == nil {
		kills, rows = n, 150_000
	}
	input := filepath.Join(t.TempDir(), "clicks.ndjson")
	crashInput(t, input, rows)
	whole := newCrashed(t, input, 0)
	began := time.Now()
	whole.run(0)
	took := time.Since(began)
	want := whole.content()
	done := 0
	for round := uint64(1); done < kills; round++ {
		c := newCrashed(t, input, round)
		args := []string{"--checkpoint-dir", filepath.Join(c.dir, "checkpoints"), "--checkpoint-interval", "20ms"}
		for over := false; !over; {
			most := time.Duration(1 + c.random.Int64N(int64(took)*int64(c.kills+3)/3))
			over = c.run(most, append(args, "--parallelism", strconv.Itoa(1+c.random.IntN(3)), "--batch-size", strconv.Itoa(100+c.random.IntN(5000)))...)
		}
		if d := cmp.Diff(want, c.content()); d != "" {
			t.Fatalf("round %d, killed %d times (-want +got)\n%.3000s", round, c.kills, d)
		}
		if over := c.run(0, args...); !over { // there is nothing left to do
			t.Fatal("killed by nobody")
		}
		if d := cmp.Diff(want, c.content()); d != "" {
			t.Fatalf("round %d, run once more (-want +got)\n%.3000s", round, d)
		}
		done += c.kills
	}
	t.Logf("%d kills", done)
}
