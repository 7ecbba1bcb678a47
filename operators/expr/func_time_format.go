package expr

import "tidemark/operators/data"

// unixPattern is what UNIX_TIMESTAMP and FROM_UNIXTIME use unless they are told.
const unixPattern = "yyyy-MM-dd HH:mm:ss"

// timeTextEntries read and write values of time as text.
func timeTextEntries() []*entry {
	const s, n, ts, date = data.String, data.BigInt, data.Timestamp, data.Date
	return []*entry{
		{name: "TO_TIMESTAMP", doc: "The timestamp a text names, in a pattern of PostgreSQL (YYYY-MM-DD HH24:MI:SS) or Java (yyyy-MM-dd HH:mm:ss) if there is one; of a number, that many seconds after 1970-01-01 00:00:00 UTC.",
			examples: [][2]string{{"TO_TIMESTAMP('2024-03-05 06:07:08')", "2024-03-05T06:07:08Z"}, {"TO_TIMESTAMP('05 Dec 2000', 'DD Mon YYYY')", "2000-12-05T00:00:00Z"},
				{"TO_TIMESTAMP('05.03.2024 06:07', 'dd.MM.yyyy HH:mm')", "2024-03-05T06:07:00Z"}, {"TO_TIMESTAMP(1.5)", "1970-01-01T00:00:01.5Z"}},
			overloads: append(textTimestamps(), fromSeconds()...)},
		{name: "TO_DATE", doc: "The date a text names, in a pattern of PostgreSQL (DD.MM.YYYY) or Java (dd.MM.yyyy) if there is one.",
			examples: [][2]string{{"TO_DATE('2024-03-05')", "2024-03-05"}, {"TO_DATE('05 Dec 2000', 'DD Mon YYYY')", "2000-12-05"}, {"TO_DATE('20240305', 'yyyyMMdd')", "2024-03-05"}},
			overloads: []*Function{
				{Params: []data.Kind{s}, Returns: date, kernel: func(*Call) kernel { return parseKernel(data.Of(date), false) }},
				readFunction(date, compileEither, func(us int64) int64 { return data.FloorDiv(us, data.Day) }),
			}},
		{name: "TO_CHAR", doc: "The timestamp, in UTC, time of day or number as text in a pattern of PostgreSQL.",
			examples: [][2]string{{"TO_CHAR(TIMESTAMP '2002-04-20 17:31:12.66', 'HH12:MI:SS')", "05:31:12"}, {"TO_CHAR(DATE '2024-03-05', 'FMDay, DDth FMMonth YYYY')", "Tuesday, 05th March 2024"}, {"TO_CHAR(-1485.5, 'FM9,999.00')", "-1,485.50"}},
			overloads: []*Function{
				writeFunction(data.Timestamp, compilePostgres), writeFunction(data.Time, compilePostgres),
				writeNumbers(data.BigInt), writeNumbers(data.Decimal), writeNumbers(data.Double),
			}},
		{name: "DATE_FORMAT", doc: "The timestamp, in UTC, or time of day as text in a pattern of Java.",
			examples:  [][2]string{{"DATE_FORMAT(TIMESTAMP '2024-03-05 06:07:08.9', 'yyyy-MM-dd''T''HH:mm:ss.SSS')", "2024-03-05T06:07:08.900"}, {"DATE_FORMAT(DATE '2024-03-05', 'EEE, d MMM yy')", "Tue, 5 Mar 24"}},
			overloads: []*Function{writeFunction(data.Timestamp, compileJava), writeFunction(data.Time, compileJava)}},
		{name: "UNIX_TIMESTAMP", doc: "Whole seconds from 1970-01-01 00:00:00 UTC to a timestamp, or to what a text names in a pattern of Java, yyyy-MM-dd HH:mm:ss unless given.",
			examples: [][2]string{{"UNIX_TIMESTAMP('1970-01-02 00:00:00')", "86400"}, {"UNIX_TIMESTAMP('02.01.1970', 'dd.MM.yyyy')", "86400"}},
			overloads: []*Function{
				optionalPattern(readFunction(n, compileJava, func(us int64) int64 { return data.FloorDiv(us, data.Second) })),
				{Params: []data.Kind{ts}, Returns: n, safe: true, kernel: just(toEpoch(data.Second))},
			}},
		{name: "FROM_UNIXTIME", doc: "The text of the instant that many seconds after 1970-01-01 00:00:00 UTC, in a pattern of Java, yyyy-MM-dd HH:mm:ss unless given.",
			examples:  [][2]string{{"FROM_UNIXTIME(44)", "1970-01-01 00:00:44"}, {"FROM_UNIXTIME(86400, 'dd.MM.yyyy')", "02.01.1970"}},
			overloads: []*Function{{Params: []data.Kind{n, s}, Optional: 1, Returns: s, check: checkPrepared(1, compileJava), kernel: fromUnix}}},
	}
}

// textTimestamps are the overloads that read timestamps from text.
func textTimestamps() []*Function {
	const ts = data.Timestamp
	return []*Function{
		{Params: []data.Kind{data.String}, Returns: ts, kernel: func(*Call) kernel { return parseKernel(data.Of(ts), false) }},
		readFunction(ts, compileEither, func(us int64) int64 { return us }),
	}
}

type timeCompiler = func(pattern string) (*timeFormat, error)

// patterns prepares the pattern of argument 1, or the one that stands for it
// where the call has none.
func patterns(c *Call, compile timeCompiler) func(f *frame, i int) (*timeFormat, error) {
	if len(c.Args) < 2 {
		format, err := compile(unixPattern)
		return func(*frame, int) (*timeFormat, error) { return format, err }
	}
	return newPrepared(1, compile).of
}

// readFunction reads texts by the pattern of argument 1 and makes what it returns
// of the timestamps.
func readFunction(returns data.Kind, compile timeCompiler, result func(us int64) int64) *Function {
	return &Function{Params: []data.Kind{data.String, data.String}, Returns: returns, check: checkPrepared(1, compile), kernel: func(c *Call) kernel {
		formats, reader := patterns(c, compile), &timeReader{}
		return intRows(func(f *frame, i int) (int64, error) {
			format, err := formats(f, i)
			if err != nil {
				return 0, err
			}
			us, err := reader.parse(format, f.text(0, i))
			if err != nil {
				return 0, err
			}
			return result(us), nil
		})
	}}
}

func optionalPattern(f *Function) *Function {
	f.Optional = 1
	return f
}

// writeFunction writes timestamps, or times as those of 1970-01-01, in the pattern
// of argument 1.
func writeFunction(k data.Kind, compile timeCompiler) *Function {
	return &Function{Params: []data.Kind{k, data.String}, Returns: data.String, check: checkPrepared(1, compile), kernel: func(c *Call) kernel {
		formats := patterns(c, compile)
		return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			format, err := formats(f, i)
			if err != nil {
				return to, err
			}
			return format.append(to, f.int(0, i)), nil
		})
	}}
}

// writeNumbers writes numbers in the pattern of argument 1.
func writeNumbers(k data.Kind) *Function {
	return &Function{Params: []data.Kind{k, data.String}, Returns: data.String, check: checkPrepared(1, compileNumber), kernel: func(*Call) kernel {
		formats, writer := newPrepared(1, compileNumber), &numberWriter{}
		return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			format, err := formats.of(f, i)
			if err != nil {
				return to, err
			}
			writer.take(f.args[0], i, format)
			return writer.append(to, format), nil
		})
	}}
}

func fromUnix(c *Call) kernel {
	formats := patterns(c, compileJava)
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		format, err := formats(f, i)
		if err != nil {
			return to, err
		}
		us, over := product(f.int(0, i), data.Second)
		if over < 0 || !data.IsTimestamp(us) {
			return to, errEpoch
		}
		return format.append(to, us), nil
	})
}
