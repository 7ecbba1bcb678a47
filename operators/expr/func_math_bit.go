package expr

import (
	"errors"

	"tidemark/operators/data"
)

var (
	errShiftInt    = errors.New("an INT is shifted by 0 to 31 bits")
	errShiftBigint = errors.New("a BIGINT is shifted by 0 to 63 bits")
)

// bitEntries are the operators on bits, and their names as functions.
func bitEntries() []*entry {
	list := []*entry{
		{name: "BIT_NOT", aliases: []string{"BITNOT", "BITWISE_NOT"}, doc: "The number with every bit the other way round.", examples: [][2]string{{"BIT_NOT(1)", "-2"}},
			overloads: []*Function{
				intFunction(data.Int, func(f *frame, i int) (int64, error) { return ^f.int(0, i), nil }, data.Int).total(),
				intFunction(data.BigInt, func(f *frame, i int) (int64, error) { return ^f.int(0, i), nil }, data.BigInt).total(),
			}},
	}
	for _, op := range []struct {
		symbol, name      string
		aliases           []string
		doc               string
		x, y, value       string
		ofInts, ofBigints func(x, y int64) (int64, error)
	}{
		{"&", "BIT_AND", []string{"BITAND", "BITWISE_AND"}, "The bits that both numbers have.", "91", "15", "11", bitAnd, bitAnd},
		{"|", "BIT_OR", []string{"BITOR", "BITWISE_OR"}, "The bits that at least one of the numbers has.", "32", "3", "35", bitOr, bitOr},
		{"#", "BIT_XOR", []string{"BITXOR", "BITWISE_XOR"}, "The bits that just one of the numbers has.", "17", "5", "20", bitXor, bitXor},
		{"<<", "SHIFT_LEFT", []string{"SHIFTLEFT", "BITWISE_LEFT_SHIFT"}, "The number with its bits moved up; those that leave its type are lost.", "1", "4", "16", shiftLeftInt, shiftLeftBigint},
		{">>", "SHIFT_RIGHT", []string{"SHIFTRIGHT", "BITWISE_RIGHT_SHIFT"}, "The number with its bits moved down; its sign stays.", "-8", "2", "-2", shiftRightInt, shiftRightBigint},
	} {
		// Each name has overloads of its own: they carry it into messages and EXPLAIN.
		overloads := func() []*Function {
			ints, bigints := op.ofInts, op.ofBigints
			second := data.BigInt
			if op.symbol[0] != '<' && op.symbol[0] != '>' {
				second = data.Int
			}
			list := []*Function{
				intFunction(data.Int, func(f *frame, i int) (int64, error) { return ints(f.int(0, i), f.int(1, i)) }, data.Int, second),
				intFunction(data.BigInt, func(f *frame, i int) (int64, error) { return bigints(f.int(0, i), f.int(1, i)) }, data.BigInt, data.BigInt),
			}
			for _, f := range list {
				f.safe = second == data.Int
			}
			return list
		}
		list = append(list,
			&entry{name: op.symbol, family: "operator", doc: op.doc, overloads: overloads(), examples: [][2]string{{op.x + " " + op.symbol + " " + op.y, op.value}}},
			&entry{name: op.name, aliases: op.aliases, doc: op.doc, overloads: overloads(), examples: [][2]string{{op.name + "(" + op.x + ", " + op.y + ")", op.value}}})
	}
	for _, e := range list {
		if e.family == "" {
			e.family = "math"
		}
	}
	return list
}

func bitAnd(x, y int64) (int64, error) { return x & y, nil }
func bitOr(x, y int64) (int64, error)  { return x | y, nil }
func bitXor(x, y int64) (int64, error) { return x ^ y, nil }

func shiftLeftInt(x, n int64) (int64, error) {
	if n < 0 || n > 31 {
		return 0, errShiftInt
	}
	return int64(int32(x) << n), nil
}

func shiftLeftBigint(x, n int64) (int64, error) {
	if n < 0 || n > 63 {
		return 0, errShiftBigint
	}
	return x << n, nil
}

func shiftRightInt(x, n int64) (int64, error) {
	if n < 0 || n > 31 {
		return 0, errShiftInt
	}
	return x >> n, nil
}

func shiftRightBigint(x, n int64) (int64, error) {
	if n < 0 || n > 63 {
		return 0, errShiftBigint
	}
	return x >> n, nil
}
