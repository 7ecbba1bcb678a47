package expr

import (
	"errors"
	"math"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// The numbers that stand for no timestamp. What is taken for seconds is often
// one of milliseconds.
var (
	errEpoch        = errors.New("the number is outside the range of TIMESTAMP, the years 1 to 9999")
	errEpochSeconds = errors.New("the number of seconds is outside the range of TIMESTAMP, the years 1 to 9999; EPOCH_MS(n) takes milliseconds")
)

func epochError(size int64) error {
	if size == data.Second {
		return errEpochSeconds
	}
	return errEpoch
}

// epochEntries count from 1970-01-01 00:00:00 UTC.
func epochEntries() []*entry {
	const ts, n = data.Timestamp, data.BigInt
	// both goes from timestamps to numbers and back.
	both := func(name, unit, micros, number string, size int64) *entry {
		return &entry{name: name, doc: "Whole " + unit + " from 1970-01-01 00:00:00 UTC to the timestamp; of a number, the timestamp that many " + unit + " after it.",
			examples: [][2]string{{name + "(TIMESTAMP '1970-01-01 00:00:01.5')", number}, {name + "(1500)", micros}},
			overloads: []*Function{
				{Params: []data.Kind{n}, Returns: ts, kernel: just(fromEpoch(size))},
				{Params: []data.Kind{ts}, Returns: n, safe: true, kernel: just(toEpoch(size))},
			}}
	}
	return []*entry{
		{name: "EPOCH", doc: "Whole seconds from 1970-01-01 00:00:00 UTC to the timestamp, and of an interval: a year has 365.25 days, another month 30.",
			examples: [][2]string{{"EPOCH(TIMESTAMP '1970-01-02 00:00:00.9')", "86400"}, {"EPOCH(INTERVAL '90' MINUTE)", "5400"}},
			overloads: []*Function{
				{Params: []data.Kind{ts}, Returns: n, safe: true, kernel: just(toEpoch(data.Second))},
				{Params: []data.Kind{data.Interval}, Returns: n, kernel: just(intRows(func(f *frame, i int) (int64, error) { return intervalSeconds(f.wide(0, i)) }))},
			}},
		both("EPOCH_S", "seconds", "1970-01-01T00:25:00Z", "1", data.Second),
		both("EPOCH_MS", "milliseconds", "1970-01-01T00:00:01.5Z", "1500", 1000),
		both("EPOCH_US", "microseconds", "1970-01-01T00:00:00.0015Z", "1500000", 1),
		{name: "TO_TIMESTAMP_LTZ", doc: "The timestamp that many seconds (0), milliseconds (3) or microseconds (6) after 1970-01-01 00:00:00 UTC; without a second argument milliseconds. Of a text it is TO_TIMESTAMP.",
			examples: [][2]string{{"TO_TIMESTAMP_LTZ(1500, 3)", "1970-01-01T00:00:01.5Z"}, {"TO_TIMESTAMP_LTZ(2, 0)", "1970-01-01T00:00:02Z"}},
			overloads: append(textTimestamps(), &Function{Params: []data.Kind{n, n}, Optional: 1, Returns: ts, check: checkDigits, kernel: func(c *Call) kernel {
				unit := int64(1000)
				if len(c.Args) == 2 {
					unit = pow10(6 - int(c.Args[1].(*Literal).Value.Ints[0]))
				}
				return fromEpoch(unit)
			}})},
	}
}

func toEpoch(size int64) kernel {
	return intRows(func(f *frame, i int) (int64, error) { return data.FloorDiv(f.int(0, i), size), nil })
}

func fromEpoch(size int64) kernel {
	return intRows(func(f *frame, i int) (int64, error) {
		us, over := product(f.int(0, i), size)
		if over < 0 || !data.IsTimestamp(us) {
			return 0, epochError(size)
		}
		return us, nil
	})
}

// fromSeconds are the overloads of TO_TIMESTAMP for numbers.
func fromSeconds() []*Function {
	const ts = data.Timestamp
	return []*Function{
		{Params: []data.Kind{data.BigInt}, Returns: ts, kernel: just(fromEpoch(data.Second))},
		{Params: []data.Kind{data.Decimal}, Returns: ts, kernel: func(c *Call) kernel {
			at, scale := decimalAt(0, c.Args[0].Type()), int(c.Args[0].Type().Scale)
			return intRows(func(f *frame, i int) (int64, error) {
				x, ok := roundTo(at(f, i), scale, 6, 6, roundDown)
				if !ok || x != wideOf(int64(x.Lo)) || !data.IsTimestamp(int64(x.Lo)) {
					return 0, epochError(data.Second)
				}
				return int64(x.Lo), nil
			})
		}},
		intFunction(ts, func(f *frame, i int) (int64, error) {
			x := math.RoundToEven(f.float(0, i) * data.Second)
			if !(x >= data.FirstTimestamp && x < data.LastTimestamp+1) {
				return 0, epochError(data.Second)
			}
			return int64(x), nil
		}, data.Double),
	}
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
