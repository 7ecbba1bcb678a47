package queries_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// clickCase is a row of the table of worked answers: what a query makes of the
// seven clicks.
type clickCase struct {
	name, script string
	define       string // a variable, or ""
	changes      []string
	final        []string
	late         int
	missedBy     string // in the advice
}

// The windows begin at 10:00, 10:05 and 10:10. The first has closed when the last
// click, for 10:01, arrives.
var clickCases = []clickCase{
	{
		name: "no lateness", script: "clicks/drop.sql", late: 1, missedBy: "3m",
		changes: []string{"+I 10:00 A 7.00", "+I 10:00 B 3.00", "+I 10:05 A 4.00", "+I 10:05 B 1.00", "+I 10:10 B 2.00"},
		final:   []string{"10:00 A 7.00", "10:00 B 3.00", "10:05 A 4.00", "10:05 B 1.00", "10:10 B 2.00"},
	},
	{
		name: "3 minutes", script: "clicks/lateness.sql", define: "lateness=3",
		changes: []string{"+I 10:00 A 7.00", "+I 10:00 B 3.00", "-U 10:00 A 7.00", "+U 10:00 A 8.00",
			"+I 10:05 A 4.00", "+I 10:05 B 1.00", "+I 10:10 B 2.00"},
		final: []string{"10:00 A 8.00", "10:00 B 3.00", "10:05 A 4.00", "10:05 B 1.00", "10:10 B 2.00"},
	},
	{
		name: "2 minutes", script: "clicks/lateness.sql", define: "lateness=2", late: 1, missedBy: "3m",
		changes: []string{"+I 10:00 A 7.00", "+I 10:00 B 3.00", "+I 10:05 A 4.00", "+I 10:05 B 1.00", "+I 10:10 B 2.00"},
		final:   []string{"10:00 A 7.00", "10:00 B 3.00", "10:05 A 4.00", "10:05 B 1.00", "10:10 B 2.00"},
	},
}

// clickInputs are the ways the clicks can come in.
var clickInputs = []struct {
	name  string
	args  []string
	stdin string
}{
	{name: "csv file"},
	{name: "json file", args: []string{"-D", "input=clicks.ndjson", "-D", "format=json"}},
	{name: "csv on stdin", args: []string{"-D", "input=-"}, stdin: "clicks/clicks.csv"},
	{name: "json on stdin", args: []string{"-D", "input=-", "-D", "format=json"}, stdin: "clicks/clicks.ndjson"},
}

func TestClicks(t *testing.T) {
	for _, c := range clickCases {
		for _, in := range clickInputs {
			for _, size := range []string{"1", "2", "4096"} {
				t.Run(c.name+"/"+in.name+"/batches of "+size, func(t *testing.T) { c.check(t, in.args, in.stdin, size) })
			}
		}
	}
}

func (c *clickCase) check(t *testing.T, input []string, stdin, batchSize string) {
	args := append([]string{"run", "--batch-size", batchSize}, input...)
	if c.define != "" {
		args = append(args, "-D", c.define)
	}
	run := func(form string) (stdout, stderr string) {
		all := append(append([]string{}, args...), "-o", form, c.script)
		if stdin == "" {
			return tidemark(t, nil, all...)
		}
		return tidemark(t, open(t, stdin), all...)
	}
	changes, summary := run("changelog")
	if want := lines(c.changes, changelogLine); changes != want {
		t.Errorf("changelog\ngot\n%swant\n%s", changes, want)
	}
	final, _ := run("json")
	if want := lines(c.final, jsonLine); final != want {
		t.Errorf("final content\ngot\n%swant\n%s", final, want)
	}
	account := fmt.Sprintf("7 read = %d used + 0 filtered + %d late + 0 rejected", 7-c.late, c.late)
	if !strings.Contains(summary, account) {
		t.Errorf("the summary lacks %q:\n%s", account, summary)
	}
	if advised := strings.Contains(summary, "advice:"); advised != (c.late > 0) {
		t.Errorf("advice for %d late rows:\n%s", c.late, summary)
	}
	if !strings.Contains(summary, c.missedBy) {
		t.Errorf("the summary does not say that a click missed its window by %s:\n%s", c.missedBy, summary)
	}
}

// lines prints the rows of a table in a form of output.
func lines(rows []string, line func([]string) string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(line(strings.Fields(r)) + "\n")
	}
	return b.String()
}

func jsonLine(f []string) string {
	return fmt.Sprintf(`{"window_start":"2026-01-05T%s:00Z","user_id":"%s","sum_amount":%s}`, f[0], f[1], f[2])
}

func changelogLine(f []string) string {
	return fmt.Sprintf(`{"op":"%s","row":%s}`, f[0], jsonLine(f[1:]))
}

// TestClicksFilesAgree holds the two files of clicks to the same content.
func TestClicksFilesAgree(t *testing.T) {
	const all = "SELECT event_id, user_id, event_time, amount FROM clicks"
	const columns = "CREATE STREAM clicks (event_id STRING, user_id STRING, event_time TIMESTAMP, amount DECIMAL(12,2)) "
	csv, _ := tidemark(t, nil, "run", "-q", "-o", "csv", "-e", columns+"WITH (path = 'clicks/clicks.csv'); "+all)
	json, _ := tidemark(t, nil, "run", "-q", "-o", "csv", "-e", columns+"WITH (path = 'clicks/clicks.ndjson'); "+all)
	if csv != json {
		t.Errorf("clicks.csv has\n%sclicks.ndjson has\n%s", csv, json)
	}
	if want := strings.Count(read(t, "clicks/clicks.csv"), "\n"); strings.Count(csv, "\n") < want {
		t.Errorf("read %d lines of %d", strings.Count(csv, "\n"), want)
	}
}

// TestScriptsHaveHeaders wants every saved query to say what it shows.
func TestScriptsHaveHeaders(t *testing.T) {
	entries, err := os.ReadDir("clicks")
	if err != nil {
		t.Fatal(err)
	}
	scripts := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".sql") || strings.HasSuffix(e.Name(), ".test.sql") {
			continue
		}
		scripts++
		if text := read(t, "clicks/"+e.Name()); !strings.HasPrefix(text, "-- ") || !strings.Contains(text, "tidemark run "+e.Name()) {
			t.Errorf("%s does not begin with what it shows and how to run it", e.Name())
		}
	}
	if scripts != 4 {
		t.Errorf("found %d scripts, want 4", scripts)
	}
}
