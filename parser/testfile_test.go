package parser

import (
	"strings"
	"testing"

	"tidemark/parser/source"
)

// TestTestStatements reads the statements of test files, and formats them: what is
// written has the same tree.
func TestTestStatements(t *testing.T) {
	for _, c := range []struct{ text, formatted, tree string }{
		{"load 'a.sql' with (cut='1',n=2)", "LOAD 'a.sql' WITH (cut = '1', n = 2);",
			`Load=(Load File=(Text Value="a.sql") Options=[(Option Key=cut Value=str:1) (Option Key=n Value=int:2)])`},
		{"test 'it''s late'", "TEST 'it''s late';", `Test=(Test Name=(Text Value="it's late"))`},
		{"insert into s partition 1 (a) values (1)", "INSERT INTO s PARTITION 1 (a) VALUES (1);",
			`Feed=(Feed Table=s Partition=(Count Value=1) Columns=[a] Rows=(Values Rows=[(ValuesRow Exprs=[int:1])]))`},
		{"insert into s from 'a.csv'", "INSERT INTO s FROM 'a.csv';", `Feed=(Feed Table=s File=(Text Value="a.csv"))`},
		{"insert changes into s values ('-D',1)", "INSERT CHANGES INTO s VALUES ('-D', 1);",
			`Feed=(Feed Changes=true Table=s Rows=(Values Rows=[(ValuesRow Exprs=[str:-D int:1])]))`},
		{"advance clock by 5 minutes", "ADVANCE CLOCK BY 5 MINUTES;", `Clock=(AdvanceClock By=(IntervalLiteral Micros=300000000))`},
		{"idle s partition 2", "IDLE s PARTITION 2;", `Idle=(Idle Stream=s Partition=(Count Value=2))`},
		{"checkpoint", "CHECKPOINT;", `Checkpoint=(Checkpoint)`},
		{"crash", "CRASH;", `Crash=(Crash)`},
		{"finish", "FINISH;", `Finish=(Finish)`},
		{"finish s", "FINISH s;", `Finish=(Finish Stream=s)`},
		{"expect t values (1),(2)", "EXPECT t VALUES (1), (2);",
			`Expect=(Expect Target=t Values=(Values Rows=[(ValuesRow Exprs=[int:1]) (ValuesRow Exprs=[int:2])]))`},
		{"expect t(a) from 'w.csv'", "EXPECT t (a) FROM 'w.csv';", `Expect=(Expect Target=t Columns=[a] File=(Text Value="w.csv"))`},
		{"expect t=(select 1)", "EXPECT t = (SELECT 1);",
			`Expect=(Expect Target=t Query=(Query First=(Term Select=(Select Items=[(SelectItem Expr=int:1)]))))`},
		{"expect changes t values ('+I',1)", "EXPECT CHANGES t VALUES ('+I', 1);",
			`Expect=(Expect Kind=1 Target=t Values=(Values Rows=[(ValuesRow Exprs=[str:+I int:1])]))`},
		{"expect no changes t", "EXPECT NO CHANGES t;", `Expect=(Expect Kind=2 Target=t)`},
		{"expect empty t", "EXPECT EMPTY t;", `Expect=(Expect Kind=3 Target=t)`},
		{"expect late t 1", "EXPECT LATE t 1;", `Expect=(Expect Kind=4 Target=t Count=(Count Value=1))`},
		{"expect rejected t 0", "EXPECT REJECTED t 0;", `Expect=(Expect Kind=5 Target=t Count=(Count))`},
		{"expect state<=20 rows", "EXPECT STATE <= 20 ROWS;", `Expect=(Expect Kind=6 Count=(Count Value=20))`},
		{"expect watermark of t '10:00'", "EXPECT WATERMARK OF t '10:00';", `Expect=(Expect Kind=7 Target=t Time=str:10:00)`},
		{"expect error 'x' for select 1", "EXPECT ERROR 'x' FOR SELECT 1;",
			`Expect=(Expect Kind=8 Message=(Text Value="x") Statement=(Statement Query=(Query First=(Term Select=(Select Items=[(SelectItem Expr=int:1)])))))`},
		// The words of the forms are names of relations too.
		{"expect late values (1)", "EXPECT late VALUES (1);", `Expect=(Expect Target=late Values=(Values Rows=[(ValuesRow Exprs=[int:1])]))`},
		{"expect changes (a) values (1)", "EXPECT changes (a) VALUES (1);",
			`Expect=(Expect Target=changes Columns=[a] Values=(Values Rows=[(ValuesRow Exprs=[int:1])]))`},
		{"expect empty late", "EXPECT EMPTY late;", `Expect=(Expect Kind=3 Target=late)`},
		{`expect "query 1" values (1)`, `EXPECT "query 1" VALUES (1);`, `Expect=(Expect Target="query 1" Values=(Values Rows=[(ValuesRow Exprs=[int:1])]))`},
	} {
		for _, text := range []string{c.text, c.formatted} {
			f := source.NewFile("x.test.sql", text)
			script, errs := Parse(f)
			if errs.HasErrors() {
				t.Errorf("%s", errs.Render())
				continue
			}
			if got := treeText(script.Statements[0]); got != "(Statement "+c.tree+")" {
				t.Errorf("%s:\n got %s\nwant (Statement %s)", text, got, c.tree)
			}
			if got, _ := Format(f); strings.TrimSuffix(got, "\n") != c.formatted {
				t.Errorf("%s is written as\n%swant\n%s", text, got, c.formatted)
			}
		}
	}
}
