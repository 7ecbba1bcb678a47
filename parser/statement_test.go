package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

func parseOne(t *testing.T, text string) *Statement {
	t.Helper()
	script, errs := Parse(source.NewFile("q", text))
	if len(errs) > 0 || len(script.Statements) != 1 {
		t.Fatalf("%s: %d statements\n%s", text, len(script.Statements), errs.Render())
	}
	return script.Statements[0]
}

func TestColumnTypes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"BOOLEAN", "BOOLEAN"}, {"INT", "INT"}, {"integer", "INTEGER"}, {"BIGINT", "BIGINT"}, {"DOUBLE", "DOUBLE"}, {"DOUBLE  precision", "DOUBLE PRECISION"},
		{"FLOAT", "FLOAT"}, {"DECIMAL", "DECIMAL"}, {"DECIMAL(12,2)", "DECIMAL[12 2]"}, {"NUMERIC( 5 )", "NUMERIC[5]"},
		{"STRING", "STRING"}, {"VARCHAR(30)", "VARCHAR[30]"}, {"character varying(9)", "CHARACTER VARYING[9]"}, {"TEXT", "TEXT"}, {"BYTES", "BYTES"},
		{"DATE", "DATE"}, {"TIME", "TIME"}, {"TIMESTAMP", "TIMESTAMP"}, {"TIMESTAMP(3)", "TIMESTAMP[3]"}, {"TIMESTAMP_LTZ(3)", "TIMESTAMP_LTZ[3]"},
		{"TIMESTAMPTZ", "TIMESTAMPTZ"}, {"TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH TIME ZONE"}, {"timestamp(6) without time zone", "TIMESTAMP WITHOUT TIME ZONE[6]"},
		{"TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP WITH LOCAL TIME ZONE[3]"}, {"INTERVAL", "INTERVAL"}, {"JSON", "JSON"},
	} {
		text := "CREATE STREAM s (a " + c.text + " NOT NULL)"
		column := parseOne(t, text).Create.Elements[0].Column
		got := column.Type.Name
		if column.Type.Params != nil {
			got += fmt.Sprint(column.Type.Params)
		}
		if got != c.want || !column.NotNull || column.PrimaryKey {
			t.Errorf("%s: %s %+v", c.text, got, column)
		}
		if at := column.Type.Span(); text[at.Start:at.End] != c.text {
			t.Errorf("%s: span is %q", c.text, text[at.Start:at.End])
		}
	}
}

func TestCreate(t *testing.T) {
	create := parseOne(t, `create table "T" (
		window INT, timestamp TIMESTAMP, value INT PRIMARY KEY NOT ENFORCED NOT NULL, key INT NULL, offset INT NOT NULL PRIMARY KEY,
		emit INT, late INT, primary INT, watermark INT, `+"`back tick`"+` INT, PRIMARY KEY (window, "Value") NOT ENFORCED,
		WATERMARK FOR timestamp AS timestamp - 5 SECONDS
	) WITH ('scan.startup.mode' = 'x', scan.group.id = 5, "a.b" = TRUE, n = -1.5, "Quoted".part = false)`).Create
	if create.Kind != "TABLE" || create.Name.Text != "T" || !create.Name.Quoted || len(create.Elements) != 12 {
		t.Fatalf("%+v", create)
	}
	var names, options []string
	for _, e := range create.Elements[:10] {
		names = append(names, e.Column.Name.Text)
	}
	if got := strings.Join(names, ","); got != "window,timestamp,value,key,offset,emit,late,primary,watermark,back tick" {
		t.Errorf("columns %s", got)
	}
	if c := create.Elements[2].Column; !c.PrimaryKey || !c.NotNull {
		t.Errorf("value: %+v", c)
	}
	if c := create.Elements[3].Column; c.PrimaryKey || c.NotNull {
		t.Errorf("key: %+v", c)
	}
	if k := create.Elements[10].PrimaryKey; len(k.Columns) != 2 || k.Columns[1].Text != "Value" || !k.Columns[1].Quoted {
		t.Errorf("primary key: %+v", k)
	}
	if w := create.Elements[11].Watermark; w.Column.Text != "timestamp" || form(w.Expr) != "(timestamp - 0mon5000000us)" {
		t.Errorf("watermark: %s", form(w.Expr))
	}
	for _, o := range create.Options {
		options = append(options, o.Key.Text+"="+form(o.Value))
	}
	if got := strings.Join(options, " "); got != "scan.startup.mode=str:x scan.group.id=int:5 a.b=bool:TRUE n=dec:-1.5 Quoted.part=bool:FALSE" {
		t.Errorf("options %s", got)
	}
}

func TestCreateForms(t *testing.T) {
	for _, kind := range []string{"STREAM", "TABLE", "SOURCE", "SINK"} {
		for _, rest := range []string{"", " (a INT)", " WITH (x = 'y')", " (a INT) WITH (x = 'y')"} {
			c := parseOne(t, "CREATE "+strings.ToLower(kind)+" s"+rest).Create
			if c.Kind != kind || (len(c.Elements) == 1) != strings.Contains(rest, "INT") || (len(c.Options) == 1) != strings.Contains(rest, "WITH") {
				t.Errorf("%s%s: %+v", kind, rest, c)
			}
		}
	}
	if v := parseOne(t, "CREATE VIEW v AS SELECT * FROM t").View; v.Name.Text != "v" || !v.Query.First.Select.Items[0].Star {
		t.Errorf("view: %+v", v)
	}
}

func TestQueryForms(t *testing.T) {
	q := parseOne(t, `SELECT *, a FROM 'it''s.csv' AS c WHERE a > 1 GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE), b HAVING COUNT(*) > 1`).Query.First.Select
	if !q.Items[0].Star || *q.From[0].First.File != "it's.csv" || q.From[0].First.Name != nil || q.From[0].First.Alias.Text != "c" || len(q.GroupBy) != 2 || form(q.Having) != "(COUNT(*) > int:1)" {
		t.Errorf("%+v", q)
	}
	if q := parseOne(t, "SELECT a FROM t late WHERE b").Query.First.Select; q.From[0].First.Alias == nil || q.From[0].First.Alias.Text != "late" {
		t.Errorf("alias late: %+v", q.From)
	}
	if q := parseOne(t, "SELECT 1").Query.First.Select; len(q.From) != 0 || len(q.Items) != 1 {
		t.Errorf("without FROM: %+v", q)
	}
	i := parseOne(t, "INSERT INTO t (a, b) SELECT 1, 2").Insert
	if i.Table.Text != "t" || len(i.Columns) != 2 || len(i.Query.First.Select.Items) != 2 {
		t.Errorf("insert: %+v", i)
	}
	for text, mode := range map[string]string{"EXPLAIN SELECT 1": "", "explain logical select 1": "LOGICAL", "EXPLAIN PHYSICAL INSERT INTO t SELECT 1": "PHYSICAL"} {
		e := parseOne(t, text).Explain
		if e.Mode != mode || (e.Insert == nil) == (e.Query == nil) {
			t.Errorf("%s: %+v", text, e)
		}
	}
}

func TestClosingClauses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"ALLOWED LATENESS INTERVAL '3' MINUTE", "180000000  - ."},
		{"ALLOW LATENESS 3 MINUTES", "180000000  - ."},
		{"LATENESS '3 minutes'", "180000000  - ."},
		{"LATENESS '3' MINUTES ON LATE RECOMPUTE", "180000000 RECOMPUTE - ."},
		{"lateness 1.5 seconds on late approximate late data to s", "1500000 APPROXIMATE s ."},
		{"LATE DATA TO emit", "none  emit ."},
		{"EMIT ON WINDOW CLOSE", ". ON WINDOW CLOSE"},
		{"emit final", ". FINAL"},
		{"EMIT CHANGES", ". CHANGES"},
		{"EMIT EVERY 5 MINUTES", ". EVERY 300000000"},
		{"EMIT EVERY '5' MINUTE", ". EVERY 300000000"},
		{"EMIT EVERY INTERVAL '5' MINUTE", ". EVERY 300000000"},
		{"ALLOWED LATENESS 3 SECONDS EMIT FINAL", "3000000  - . FINAL"},
		{"EMIT FINAL ALLOWED LATENESS 3 SECONDS", "3000000  - . FINAL"},
		{"ALLOWED LATENESS 3 SECONDS EMIT FINAL LATE DATA TO s", "3000000  s . FINAL"},
		{"LATE DATA TO s EMIT FINAL ALLOWED LATENESS 3 SECONDS", "3000000  s . FINAL"},
	} {
		for _, from := range []string{"SELECT a FROM t ", "SELECT a FROM t GROUP BY a ", "INSERT INTO u SELECT a FROM t x ", "EXPLAIN SELECT a FROM t WHERE b "} {
			s := parseOne(t, from+c.text)
			query := s.Query
			switch {
			case s.Insert != nil:
				query = s.Insert.Query
			case s.Explain != nil:
				query = s.Explain.Query
			}
			q := query.First.Select
			micros := func(e *Expr) string { return fmt.Sprint(e.X.(*IntervalLiteral).Micros) }
			var got []string
			if l := q.Lateness; l != nil {
				interval, to := "none", "-"
				if l.Interval != nil {
					interval = micros(l.Interval)
				}
				if l.DataTo != nil {
					to = l.DataTo.Text
				}
				got = append(got, interval, l.OnLate, to)
			}
			got = append(got, ".")
			if e := q.Emit; e != nil {
				got = append(got, e.Mode)
				if e.Every != nil {
					got = append(got, micros(e.Every))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s%s: %q, want %q", from, c.text, strings.Join(got, " "), c.want)
			}
		}
	}
}

// TestStatementSpans checks that nodes cover their own text and no more.
func TestStatementSpans(t *testing.T) {
	text := "/* a */ CREATE STREAM s ( x INT NOT NULL /* b */ , WATERMARK FOR x AS x ) WITH ( a . b = 'c' /* d */ ) ; -- e\n SELECT a AS b FROM t AS u WHERE c EMIT FINAL  "
	script, errs := Parse(source.NewFile("q", text))
	if len(errs) > 0 {
		t.Fatal(errs.Render())
	}
	create, query := script.Statements[0], script.Statements[1]
	for _, c := range []struct {
		node interface{ Span() source.Span }
		want string
	}{
		{create, "CREATE STREAM s ( x INT NOT NULL /* b */ , WATERMARK FOR x AS x ) WITH ( a . b = 'c' /* d */ )"},
		{create.Create.Name, "s"},
		{create.Create.Elements[0], "x INT NOT NULL"},
		{create.Create.Elements[0].Column.Name, "x"},
		{create.Create.Elements[1].Watermark, "WATERMARK FOR x AS x"},
		{create.Create.Options[0], "a . b = 'c'"},
		{create.Create.Options[0].Key, "a . b"},
		{create.Create.Options[0].Value, "'c'"},
		{query, "SELECT a AS b FROM t AS u WHERE c EMIT FINAL"},
		{query.Query.First.Select.Items[0], "a AS b"},
		{query.Query.First.Select.Items[0].Alias, "b"},
		{query.Query.First.Select.From[0], "t AS u"},
		{query.Query.First.Select.Emit, "EMIT FINAL"},
	} {
		if at := c.node.Span(); text[at.Start:at.End] != c.want {
			t.Errorf("span of %q is %q", c.want, text[at.Start:at.End])
		}
	}
}

// TestGrammarWords checks that the lists of words and phrases know every literal
// of the grammar's tags.
func TestGrammarWords(t *testing.T) {
	known := Keywords()
	if !slices.IsSorted(known) || len(slices.Compact(slices.Clone(known))) != len(known) {
		t.Error("Keywords is not sorted or has a word twice")
	}
	words := func(phrases []string) []string {
		return strings.Fields(strings.NewReplacer("…", "", "~", "", "^", "").Replace(strings.Join(phrases, " ")))
	}
	literals := func(grammar string) (list []string) {
		for i, part := range strings.Split(grammar, `"`) {
			if i%2 == 1 && part != "" && part[0] >= 'A' && part[0] <= 'Z' {
				list = append(list, part)
			}
		}
		return list
	}
	all := words(slices.Concat(beginnings, continuations))
	found := literals(grammar().String())
	for _, word := range found {
		if !slices.Contains(known, word) {
			t.Errorf("Keywords does not have %s", word)
		}
		if !slices.Contains(all, word) && word != "ALLOW" {
			t.Errorf("the phrases do not have %s", word)
		}
	}
	inQueries := words(newExpecter(scriptDialect).phrasesBehind([]lexer.Token{{Type: keywordToken, Value: "SELECT"}}))
	for _, word := range literals(participle.MustBuild[Query](grammarOptions()...).String()) {
		if !slices.Contains(inQueries, word) && word != "ALLOW" {
			t.Errorf("the phrases of queries do not have %s", word)
		}
	}
	if len(found) < 40 {
		t.Errorf("only %d literals found in the grammar", len(found))
	}
}
