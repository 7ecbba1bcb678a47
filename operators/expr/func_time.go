package expr

import (
	"errors"
	"math"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

var errEpoch = errors.New("the number is outside the range of TIMESTAMP")

func timeEntries() []*entry {
	const ts, s, n, dbl = data.Timestamp, data.String, data.BigInt, data.Double
	part := func(u string) *entry {
		return &entry{name: strings.ToUpper(u), doc: "The " + u + " of a timestamp, in UTC.",
			examples: [][2]string{{strings.ToUpper(u) + "(TIMESTAMP '2024-03-05 06:07:08')", map[string]string{
				"year": "2024", "quarter": "1", "month": "3", "day": "5", "hour": "6", "minute": "7", "second": "8"}[u]}},
			overloads: []*Function{{Params: []data.Kind{ts}, Returns: n, safe: true, kernel: just(extractKernel(u))}}}
	}
	scaled := func(unit int64) kernel {
		return intRows(func(f *frame, i int) (int64, error) { return scaleEpoch(f.int(0, i), unit) })
	}
	list := []*entry{
		{name: "DATE_TRUNC", doc: "The timestamp cut to a unit, in UTC; weeks begin on Monday.",
			examples:  [][2]string{{"DATE_TRUNC('hour', TIMESTAMP '2024-03-05 06:07:08')", "2024-03-05T06:00:00Z"}, {"DATE_TRUNC('week', TIMESTAMP '2024-03-05 06:07:08')", "2024-03-04T00:00:00Z"}},
			overloads: []*Function{{Params: []data.Kind{s, ts}, Returns: ts, check: checkUnit(truncUnits), kernel: func(c *Call) kernel { return truncKernel(unitOf(c.Args)) }}}},
		{name: "EXTRACT", aliases: []string{"DATE_PART"}, doc: "A part of a timestamp, time or interval: year, quarter, month, week, day, dow, isodow, doy, hour, minute, second, millisecond, microsecond, epoch, century, decade, isoyear.",
			examples: [][2]string{{"EXTRACT(HOUR FROM TIMESTAMP '2024-03-05 06:07:08')", "6"}, {"DATE_PART('dow', DATE '2024-03-05')", "2"}, {"EXTRACT(MINUTE FROM INTERVAL '90' MINUTE)", "30"}},
			overloads: []*Function{
				{Params: []data.Kind{s, ts}, Returns: n, safe: true, check: checkUnit(extractUnits), kernel: func(c *Call) kernel { return extractKernelAt(unitOf(c.Args), 1) }},
				{Params: []data.Kind{s, data.Time}, Returns: n, safe: true, check: checkUnit(clockUnits), kernel: func(c *Call) kernel { return extractKernelAt(unitOf(c.Args), 1) }},
				{Params: []data.Kind{s, data.Interval}, Returns: n, check: checkUnit(intervalUnits), kernel: func(c *Call) kernel { return extractInterval(unitOf(c.Args)) }},
			}},
		part("year"), part("quarter"), part("month"), part("day"), part("hour"), part("minute"), part("second"),
		{name: "TO_TIMESTAMP", doc: "The timestamp a text names, or that many seconds after 1970-01-01 00:00:00 UTC.",
			examples: [][2]string{{"TO_TIMESTAMP('2024-03-05 06:07:08')", "2024-03-05T06:07:08Z"}, {"TO_TIMESTAMP(1.5)", "1970-01-01T00:00:01.5Z"}},
			overloads: []*Function{
				{Params: []data.Kind{s}, Returns: ts, kernel: func(*Call) kernel { return parseKernel(data.Of(ts), false) }},
				{Params: []data.Kind{n}, Returns: ts, kernel: just(scaled(data.Second))},
				{Params: []data.Kind{data.Decimal}, Returns: ts, kernel: func(c *Call) kernel {
					at, scale := decimalAt(0, c.Args[0].Type()), int(c.Args[0].Type().Scale)
					return intRows(func(f *frame, i int) (int64, error) {
						x, ok := roundTo(at(f, i), scale, 6, 6, roundDown)
						if !ok || x != wideOf(int64(x.Lo)) {
							return 0, errEpoch
						}
						return int64(x.Lo), nil
					})
				}},
				{Params: []data.Kind{dbl}, Returns: ts, kernel: just(intRows(func(f *frame, i int) (int64, error) {
					x := math.RoundToEven(f.float(0, i) * data.Second)
					if !(x >= math.MinInt64 && x < math.MaxInt64) {
						return 0, errEpoch
					}
					return int64(x), nil
				}))},
			}},
		{name: "TO_TIMESTAMP_LTZ", doc: "The timestamp that many seconds (0), milliseconds (3) or microseconds (6) after 1970-01-01 00:00:00 UTC; without a second argument milliseconds.",
			examples: [][2]string{{"TO_TIMESTAMP_LTZ(1500, 3)", "1970-01-01T00:00:01.5Z"}, {"TO_TIMESTAMP_LTZ(2, 0)", "1970-01-01T00:00:02Z"}},
			overloads: []*Function{{Params: []data.Kind{n, n}, Optional: 1, Returns: ts, check: checkDigits, kernel: func(c *Call) kernel {
				unit := int64(1000)
				if len(c.Args) == 2 {
					unit = pow10(6 - int(c.Args[1].(*Literal).Value.Ints[0]))
				}
				return scaled(unit)
			}}}},
		{name: "EPOCH", doc: "Whole seconds from 1970-01-01 00:00:00 UTC to the timestamp.", examples: [][2]string{{"EPOCH(TIMESTAMP '1970-01-02 00:00:00.9')", "86400"}},
			overloads: []*Function{{Params: []data.Kind{ts}, Returns: n, safe: true, kernel: just(extractKernel("epoch"))}}},
		{name: "EPOCH_MS", doc: "Milliseconds from 1970-01-01 00:00:00 UTC to the timestamp; of a number, the timestamp that many milliseconds after it.",
			examples: [][2]string{{"EPOCH_MS(TIMESTAMP '1970-01-01 00:00:01.5')", "1500"}, {"EPOCH_MS(1500)", "1970-01-01T00:00:01.5Z"}},
			overloads: []*Function{
				{Params: []data.Kind{n}, Returns: ts, kernel: just(scaled(1000))},
				{Params: []data.Kind{ts}, Returns: n, safe: true, kernel: just(intRows(func(f *frame, i int) (int64, error) { return floorDiv(f.int(0, i), 1000), nil }))},
			}},
	}
	for _, e := range list {
		e.family = "time"
	}
	return list
}

func scaleEpoch(x, unit int64) (int64, error) {
	p, over := product(x, unit)
	if over < 0 {
		return 0, errEpoch
	}
	return p, nil
}

func checkDigits(args []Expr, at source.Span) error {
	if len(args) < 2 {
		return nil
	}
	if l, ok := args[1].(*Literal); ok && !l.IsNull() {
		if d := l.Value.Ints[0]; d == 0 || d == 3 || d == 6 {
			return nil
		}
	}
	return errorf(args[1].Span(), "", "the second argument of TO_TIMESTAMP_LTZ is 0 for seconds, 3 for milliseconds or 6 for microseconds, not %s", args[1])
}
