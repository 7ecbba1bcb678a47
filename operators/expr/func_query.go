package expr

// queryEntries document what is not called like other functions: forms of the
// grammar, and functions that tell about the query around them, which the planner
// makes columns of.
func queryEntries() []*entry {
	list := []*entry{
		{name: "CASE", family: "conditional", signatures: []string{"CASE WHEN BOOLEAN THEN T … [ELSE T] END → T", "CASE U WHEN U THEN T … [ELSE T] END → T"},
			doc:      "The value behind the first THEN whose condition is TRUE, or whose value equals the one after CASE; else that behind ELSE, or NULL. The others are not evaluated.",
			examples: [][2]string{{"CASE WHEN 1 > 2 THEN 'more' ELSE 'less' END", "less"}, {"CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END", "two"}}},
		{name: "CAST", family: "conditional", signatures: []string{"CAST(ANY AS type) → type", "ANY::type → type"},
			doc:      "The value as one of another type; an error where that cannot be.",
			examples: [][2]string{{"CAST('12' AS INT)", "12"}, {"2.5::INT", "3"}, {"CAST('[1,2]' AS ARRAY<INT>)", "[1,2]"}}},
		{name: "TRY_CAST", family: "conditional", signatures: []string{"TRY_CAST(ANY AS type) → type"},
			doc:      "CAST, but NULL where that cannot be.",
			examples: [][2]string{{"TRY_CAST('x' AS INT)", "NULL"}, {"TRY_CAST('12' AS INT)", "12"}}},
		{name: "GROUPING", family: "operator", signatures: []string{"GROUPING(key, …) → BIGINT"},
			doc:      "A bit for each key of GROUP BY, the last one's the lowest: 1 where the row's grouping set leaves it out.",
			from:     "(VALUES (1)) AS t (x) GROUP BY ROLLUP (x) HAVING x IS NULL",
			examples: [][2]string{{"GROUPING(x)", "1"}}},
		{name: "CURRENT_WATERMARK", family: "time", signatures: []string{"CURRENT_WATERMARK(time column) → TIMESTAMP"},
			doc:      "The watermark of the query's input as it stood before the row; NULL before its first move. It depends on the rows and their order alone.",
			given:    "CREATE STREAM s (ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE); INSERT INTO s VALUES ('2026-01-05 10:05:00'), ('2026-01-05 10:00:00');",
			from:     "s WHERE ts < CURRENT_WATERMARK(ts)",
			examples: [][2]string{{"CURRENT_WATERMARK(ts)", "2026-01-05T10:04:00Z"}}},
	}
	for _, e := range list {
		e.elsewhere = true
	}
	return list
}

// rowEntries are functions that give rows, which stand in FROM and nowhere else.
func rowEntries() []*entry {
	list := []*entry{
		{name: "UNNEST", hint: "write FROM t, UNNEST(a) AS u (element)"},
		{name: "GENERATE_SERIES", hint: "write FROM GENERATE_SERIES(1, 10) AS n; GENERATE_ARRAY(1, 10) is an array"},
		{name: "REGEXP_MATCHES", hint: "use REGEXP_MATCH for the first match; or write FROM t, UNNEST(REGEXP_EXTRACT_ALL(x, pattern)) AS m (text)"},
		{name: "REGEXP_SPLIT_TO_TABLE", hint: "write FROM t, UNNEST(REGEXP_SPLIT_TO_ARRAY(x, pattern)) AS p (part)"},
		{name: "STRING_TO_TABLE", hint: "write FROM t, UNNEST(STRING_TO_ARRAY(x, ',')) AS p (part)"},
		{name: "JSON_ARRAY_ELEMENTS", hint: "write FROM t, UNNEST(CAST(doc AS ARRAY<JSON>)) AS e (element)"},
		{name: "JSON_ARRAY_ELEMENTS_TEXT", hint: "write FROM t, UNNEST(CAST(doc AS ARRAY<STRING>)) AS e (element)"},
		{name: "JSON_EACH", hint: "write FROM t, UNNEST(CAST(doc AS MAP<STRING, JSON>)) AS m (key, value)"},
		{name: "JSON_EACH_TEXT", hint: "write FROM t, UNNEST(CAST(doc AS MAP<STRING, STRING>)) AS m (key, value)"},
	}
	for _, e := range list {
		e.refused = "it gives rows, which belong into FROM"
	}
	return list
}
