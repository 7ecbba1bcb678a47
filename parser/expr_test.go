package parser

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/parser/source"
)

// form writes an expression with all its structure, one way for every tree.
func form(e *Expr) string {
	if e == nil {
		return "-"
	}
	not := func(n bool) string {
		if n {
			return "not-"
		}
		return ""
	}
	switch x := e.X.(type) {
	case *Literal:
		return [...]string{"null", "bool:", "int:", "dec:", "dbl:", "str:"}[x.Kind] + x.Text
	case *TypedLiteral:
		return x.Type + ":" + x.Text
	case *IntervalLiteral:
		return fmt.Sprintf("%dmon%dus", x.Months, x.Micros)
	case *Ref:
		var parts []string
		for _, p := range x.Parts {
			text := p.Text
			if p.Quoted {
				text = `"` + text + `"`
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, ".")
	case *Star:
		return "*"
	case *Unary:
		return fmt.Sprintf("(%s %s)", x.Op, form(x.X))
	case *Binary:
		return fmt.Sprintf("(%s %s %s)", form(x.L), x.Op, form(x.R))
	case *Is:
		return fmt.Sprintf("(%s %sis %s)", form(x.X), not(x.Not), x.What)
	case *In:
		var items []string
		for _, i := range x.List {
			items = append(items, form(i))
		}
		return fmt.Sprintf("(%s %sin %s)", form(x.X), not(x.Not), strings.Join(items, " "))
	case *Between:
		return fmt.Sprintf("(%s %sbetween %s %s)", form(x.X), not(x.Not), form(x.Lo), form(x.Hi))
	case *Like:
		fold := "like"
		if x.Kind == "ILIKE" {
			fold = "ilike"
		}
		return fmt.Sprintf("(%s %s%s %s %s)", form(x.X), not(x.Not), fold, form(x.Pattern), form(x.Escape))
	case *Case:
		var whens []string
		for _, w := range x.Whens {
			whens = append(whens, form(w.Cond)+"→"+form(w.Then))
		}
		return fmt.Sprintf("(case %s %s %s)", form(x.Operand), strings.Join(whens, " "), form(x.Else))
	case *Cast:
		try := ""
		if x.Try {
			try = "try-"
		}
		return fmt.Sprintf("(%scast %s %s%v)", try, form(x.X), x.Type.Name, x.Type.Params)
	case *Call:
		var args []string
		for _, a := range x.Args {
			name := ""
			if a.Name != nil {
				name = a.Name.Text + "=>"
			}
			args = append(args, name+form(a.X))
		}
		distinct, filter := "", ""
		if x.Distinct {
			distinct = "distinct "
		}
		if x.Filter != nil {
			filter = " filter " + form(x.Filter)
		}
		return fmt.Sprintf("%s(%s%s)%s", x.Name.Text, distinct, strings.Join(args, ", "), filter)
	case *AtTimeZone:
		return fmt.Sprintf("(%s zone %s)", form(x.X), form(x.Zone))
	}
	return fmt.Sprintf("?%T", e.X)
}

// selected parses "SELECT text" and returns its items.
func selected(t *testing.T, text string) []*SelectItem {
	t.Helper()
	script, errs := Parse(source.NewFile("q", "SELECT "+text))
	if len(errs) > 0 {
		t.Errorf("%s\n%s", text, errs.Render())
		return nil
	}
	return script.Statements[0].Query.First.Select.Items
}

func TestExpressions(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// Precedence and associativity.
		{"a+b+c", "((a + b) + c)"},
		{"a-1", "(a - int:1)"},
		{"a-b-c", "((a - b) - c)"},
		{"a+b*c", "(a + (b * c))"},
		{"(a+b)*c", "((a + b) * c)"},
		{"a/b%c", "((a / b) % c)"},
		{"a||b||c", "((a || b) || c)"},
		{"a||b+c", "(a || (b + c))"},
		{"a OR b AND c", "(a OR (b AND c))"},
		{"a AND b OR c", "((a AND b) OR c)"},
		{"NOT a AND b", "((NOT a) AND b)"},
		{"NOT a = b", "(NOT (a = b))"},
		{"NOT NOT a", "(NOT (NOT a))"},
		{"a = b AND c <> d", "((a = b) AND (c <> d))"},
		{"a != b", "(a <> b)"},
		{"a < b + 1", "(a < (b + int:1))"},
		{"a = b IS NULL", "((a = b) is NULL)"},
		{"a < b IS NULL AND c", "(((a < b) is NULL) AND c)"},
		{"a + 1 BETWEEN 2 AND 3 AND b", "(((a + int:1) between int:2 int:3) AND b)"},
		{"a = b BETWEEN c AND d", "(a = (b between c d))"},
		{"a IN (1, 2) = b", "((a in int:1 int:2) = b)"},
		{"-5", "(- int:5)"},
		{"- -5", "(- (- int:5))"},
		{"+a", "(+ a)"},
		{"-a * b", "((- a) * b)"},
		{"-5::int", "(- (cast int:5 INT[]))"},
		{"a::int::string", "(cast (cast a INT[]) STRING[])"},
		{"a * b::int", "(a * (cast b INT[]))"},
		{"a AT TIME ZONE 'UTC' + b", "((a zone str:UTC) + b)"},
		{"a AT TIME ZONE 'X' AT TIME ZONE 'Y'", "((a zone str:X) zone str:Y)"},
		{"a - INTERVAL '1' DAY * 2", "(a - (0mon86400000000us * int:2))"},
		// Literals.
		{"1", "int:1"}, {"1.5", "dec:1.5"}, {".5", "dec:.5"}, {"5.", "dec:5."}, {"1e3", "dbl:1e3"}, {"1.5E-3", "dbl:1.5E-3"},
		{"'it''s'", "str:it's"}, {"''", "str:"}, {"'a\nb'", "str:a\nb"},
		{"TRUE", "bool:TRUE"}, {"false", "bool:FALSE"}, {"null", "null"},
		{"DATE '2026-01-05'", "DATE:2026-01-05"}, {"timestamp '2026-01-05 00:00:00'", "TIMESTAMP:2026-01-05 00:00:00"}, {"TIME '01:02:03'", "TIME:01:02:03"},
		// Names.
		{"t.u", "t.u"}, {"a.b", "a.b"}, {`"A b".c`, `"A b".c`}, {"`x`", `"x"`}, {`"a""b"`, `"a"b"`}, {"t.from", "t.from"}, {"größe", "größe"},
		{"window", "window"}, {"timestamp", "timestamp"}, {"value + key", "(value + key)"}, {"offset", "offset"}, {"emit", "emit"},
		{"late", "late"}, {"date", "date"}, {"interval", "interval"}, {"interval + 1", "(interval + int:1)"}, {"left(a, 2)", "left(a, int:2)"},
		{"end", "end"}, {"filter", "filter"}, {"cast", "cast"}, {"at", "at"}, {"extract", "extract"},
		// Tests.
		{"a IS NOT NULL", "(a not-is NULL)"}, {"a IS TRUE", "(a is TRUE)"}, {"a is not unknown", "(a not-is UNKNOWN)"},
		{"a IS DISTINCT FROM b", "(a IS DISTINCT FROM b)"}, {"a IS NOT DISTINCT FROM b + 1", "(a IS NOT DISTINCT FROM (b + int:1))"},
		{"a NOT IN (b)", "(a not-in b)"}, {"a NOT BETWEEN b AND c", "(a not-between b c)"},
		{"a LIKE 'x%'", "(a like str:x% -)"}, {"a NOT ILIKE b || 'x'", "(a not-ilike (b || str:x) -)"}, {"a LIKE b ESCAPE '!'", "(a like b str:!)"},
		// CASE and casts.
		{"CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END", "(case - a→int:1 b→int:2 int:3)"},
		{"case a when 1 then b end", "(case a int:1→b -)"},
		{"CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END + 1", "((case - a→(case b int:1→int:2 -) -) + int:1)"},
		{"CAST(a AS DECIMAL(12, 2))", "(cast a DECIMAL[12 2])"}, {"TRY_CAST(a + 1 AS double precision)", "(try-cast (a + int:1) DOUBLE PRECISION[])"},
		{"a::TIMESTAMP(3) WITH TIME ZONE", "(cast a TIMESTAMP WITH TIME ZONE[3])"},
		// Calls.
		{"f()", "f()"}, {"COUNT(*)", "COUNT(*)"}, {"count(DISTINCT a)", "count(distinct a)"},
		{"SUM(a) FILTER (WHERE b > 1)", "SUM(a) filter (b > int:1)"}, {"f(g(a), b)", "f(g(a), b)"},
		{"HOP(ts, SIZE => INTERVAL '5' MINUTE, slide => 1 MINUTE)", "HOP(ts, SIZE=>0mon300000000us, slide=>0mon60000000us)"},
		{"TUMBLE(ts, 5 MINUTES)", "TUMBLE(ts, 0mon300000000us)"},
		{"EXTRACT(hour FROM ts)", "EXTRACT(str:HOUR, ts)"}, {"EXTRACT('hour', ts)", "EXTRACT(str:hour, ts)"},
		{"SUBSTRING(a FROM 2 FOR 3)", "SUBSTRING(a, int:2, int:3)"}, {"SUBSTRING(a FROM 2)", "SUBSTRING(a, int:2)"},
		{"SUBSTRING(a FOR 3)", "SUBSTRING(a, int:1, int:3)"}, {"SUBSTRING(a, 2, 3)", "SUBSTRING(a, int:2, int:3)"},
		{"POSITION('x' IN a)", "POSITION(str:x, a)"}, {"POSITION('x' || b IN a)", "POSITION((str:x || b), a)"},
		{"TRIM(a)", "TRIM(a)"}, {"TRIM(a, 'x')", "TRIM(a, str:x)"}, {"TRIM(BOTH 'x' FROM a)", "TRIM(a, str:x)"}, {"TRIM('x' FROM a)", "TRIM(a, str:x)"},
		{"TRIM(LEADING 'x' FROM a)", "LTRIM(a, str:x)"}, {"TRIM(TRAILING FROM a)", "RTRIM(a)"}, {"TRIM(FROM a)", "TRIM(a)"}, {"TRIM(leading)", "TRIM(leading)"},
		// Intervals.
		{"INTERVAL '5' MINUTE", "0mon300000000us"}, {"INTERVAL '5 minutes'", "0mon300000000us"}, {"INTERVAL 5 MINUTES", "0mon300000000us"},
		{"INTERVAL '1' DAY", "0mon86400000000us"}, {"INTERVAL '0.005' SECOND", "0mon5000us"}, {"INTERVAL '0.0000019' SECOND", "0mon1us"},
		{"INTERVAL -5 MINUTES", "0mon-300000000us"}, {"INTERVAL '-5' MINUTE", "0mon-300000000us"}, {"INTERVAL 1.5 HOURS", "0mon5400000000us"},
		{"INTERVAL '1' MICROSECOND", "0mon1us"}, {"INTERVAL '2' MILLISECONDS", "0mon2000us"}, {"INTERVAL '1' WEEK", "0mon604800000000us"},
		{"INTERVAL '2' MONTH", "2mon0us"}, {"INTERVAL '1' QUARTER", "3mon0us"}, {"INTERVAL '0.5' YEAR", "6mon0us"}, {"INTERVAL 1 YEAR", "12mon0us"},
		{"INTERVAL '1 hour 30 minutes'", "0mon5400000000us"}, {"INTERVAL '1h30m'", "0mon5400000000us"}, {"INTERVAL 'PT1H30M'", "0mon5400000000us"}, {"INTERVAL 'p1y2m3dt0.5s'", "14mon259200500000us"}, {"INTERVAL '-P1DT-1H'", "0mon-82800000000us"}, {"INTERVAL '1 day 00:30:00'", "0mon88200000000us"}, {"INTERVAL '1 day, 2 h'", "0mon93600000000us"},
		{"INTERVAL '1 02:03:04' DAY TO SECOND", "0mon93784000000us"}, {"INTERVAL '02:03' HOUR TO MINUTE", "0mon7380000000us"},
		{"INTERVAL '02:03:04.5'", "0mon7384500000us"}, {"INTERVAL '-1-6' YEAR TO MONTH", "-18mon0us"}, {"INTERVAL '1 month -1 day'", "1mon-86400000000us"},
	} {
		items := selected(t, c.text)
		if len(items) != 1 {
			t.Errorf("%s: %d items", c.text, len(items))
			continue
		}
		if items[0].Alias != nil {
			t.Errorf("%s: alias %s", c.text, items[0].Alias.Text)
		}
		if got := form(items[0].Expr); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
		if s := items[0].Expr.Span(); !strings.HasPrefix(c.text, "(") && s != (source.Span{Start: 7, End: 7 + len(c.text)}) {
			t.Errorf("%s: span %v", c.text, s)
		}
	}
}

// TestAliases checks where a word is an alias and where it is more.
func TestAliases(t *testing.T) {
	for _, c := range []struct{ text, want, alias string }{
		{"a b", "a", "b"}, {"a AS b", "a", "b"}, {"a AS emit", "a", "emit"}, {"a AS end", "a", "end"}, {`a "from"`, "a", "from"},
		{"a late FROM t", "a", "late"}, {"a window, 2", "a", "window"}, {"5 minutes", "int:5", "minutes"},
		{"INTERVAL '5 minutes' second", "0mon300000000us", "second"}, {"a at", "a", "at"}, {"a AS offset", "a", "offset"}, {"a offset FROM t", "a", "offset"},
		{"a LIKE b escape", "(a like b -)", "escape"}, {"COUNT(*) filter", "COUNT(*)", "filter"},
		{"a EMIT CHANGES", "a", ""}, {"a FROM t EMIT CHANGES", "a", ""},
	} {
		items := selected(t, c.text)
		if items == nil {
			continue
		}
		alias := ""
		if items[0].Alias != nil {
			alias = items[0].Alias.Text
		}
		if got := form(items[0].Expr); got != c.want || alias != c.alias {
			t.Errorf("%s: %s alias %q, want %s alias %q", c.text, got, alias, c.want, c.alias)
		}
	}
}

// TestOperatorSpans checks the place of an operator and of its operands.
func TestOperatorSpans(t *testing.T) {
	text := "SELECT ( a ) + b /* sum */ IS  NOT DISTINCT  FROM /* */ ( c ) -- end\n FROM t"
	script, errs := Parse(source.NewFile("q", text))
	if len(errs) > 0 {
		t.Fatal(errs.Render())
	}
	b := script.Statements[0].Query.First.Select.Items[0].Expr.X.(*Binary)
	for _, c := range []struct {
		span source.Span
		want string
	}{
		{b.Span(), "( a ) + b /* sum */ IS  NOT DISTINCT  FROM /* */ ( c )"},
		{b.OpAt, "IS  NOT DISTINCT  FROM"},
		{b.L.Span(), "( a ) + b"},
		{b.R.Span(), "c"},
		{b.L.X.(*Binary).OpAt, "+"},
	} {
		if got := text[c.span.Start:c.span.End]; got != c.want {
			t.Errorf("span of %q is %q", c.want, got)
		}
	}
}
