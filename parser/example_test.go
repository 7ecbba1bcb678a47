package parser

import (
	"testing"

	"tidemark/parser/source"
)

const clicks = `CREATE STREAM clicks (
  event_id   STRING,
  user_id    STRING,
  event_time TIMESTAMP,
  amount     DECIMAL(12,2),
  WATERMARK FOR event_time AS event_time - INTERVAL '2' MINUTE
) WITH (connector = 'file', path = 'clicks.csv', format = 'csv');

CREATE TABLE window_agg (
  window_start TIMESTAMP, user_id STRING, sum_amount DECIMAL(12,2),
  PRIMARY KEY (window_start, user_id)
) WITH (connector = 'sqlite', path = 'agg.db');

INSERT INTO window_agg
SELECT window_start, user_id, SUM(amount) AS sum_amount
FROM clicks
GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id
ALLOWED LATENESS INTERVAL '3' MINUTE;
`

// TestClicks parses the language reference's first script.
func TestClicks(t *testing.T) {
	script, errs := Parse(source.NewFile("clicks.sql", clicks))
	if len(errs) > 0 {
		t.Fatal(errs.Render())
	}
	if len(script.Statements) != 3 {
		t.Fatalf("%d statements, want 3", len(script.Statements))
	}
	stream, table, insert := script.Statements[0].Create, script.Statements[1].Create, script.Statements[2].Insert
	if stream.Kind != "STREAM" || stream.Name.Text != "clicks" || len(stream.Elements) != 5 || len(stream.Options) != 3 {
		t.Errorf("stream: %+v", stream)
	}
	if typ := stream.Elements[3].Column.Type; typ.Name != "DECIMAL" || len(typ.Params) != 2 || typ.Params[0] != 12 {
		t.Errorf("type of amount: %+v", typ)
	}
	if delay := stream.Elements[4].Watermark.Expr.X.(*Binary).R.X.(*IntervalLiteral); delay.Micros != 120_000_000 {
		t.Errorf("watermark delay %d", delay.Micros)
	}
	if key := table.Elements[3].PrimaryKey; len(key.Columns) != 2 || key.Columns[1].Text != "user_id" {
		t.Errorf("primary key: %+v", key)
	}
	q := insert.Query.First.Select
	if len(q.Items) != 3 || q.Items[2].Alias.Text != "sum_amount" || q.From[0].First.Name.Text != "clicks" || len(q.GroupBy) != 2 {
		t.Errorf("query: %+v", q)
	}
	if lateness := q.Lateness.Interval.X.(*IntervalLiteral); lateness.Micros != 180_000_000 {
		t.Errorf("lateness %d", lateness.Micros)
	}
}
