package expr

import (
	"bytes"
	"unicode/utf8"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// pipesFunc is || of two texts.
var pipesFunc = &Function{Name: "||", Params: []data.Kind{data.String, data.String}, Returns: data.String, safe: true,
	kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		return append(append(to, f.text(0, i)...), f.text(1, i)...), nil
	}))}

// concatFunc is CONCAT, which skips NULLs.
var concatFunc = &Function{Name: "CONCAT", Params: []data.Kind{data.String}, Variadic: true, Returns: data.String, safe: true, nullable: true,
	kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		for _, v := range f.args {
			if !v.IsNull(i) {
				to = append(to, v.Text(i)...)
			}
		}
		return to, nil
	}))}

func bindConcatAll(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) == 0 {
		return nil, noOverload(e, args, at)
	}
	args, err := textArgs(args)
	if err != nil {
		return nil, err
	}
	return &Call{Func: concatFunc, Args: args, typ: data.Of(data.String), at: at}, nil
}

// concatWithFunc is CONCAT_WS: NULL where the separator is, skipping other NULLs.
var concatWithFunc = &Function{Name: "CONCAT_WS", Params: []data.Kind{data.String, data.String}, Variadic: true, Returns: data.String, safe: true, nullable: true,
	kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		if f.args[0].IsNull(i) {
			f.setNull(i)
			return to, nil
		}
		between := []byte(nil)
		for _, v := range f.args[1:] {
			if !v.IsNull(i) {
				to = append(append(to, between...), v.Text(i)...)
				between = f.text(0, i)
			}
		}
		return to, nil
	}))}

func bindConcatWith(e *entry, args []Expr, at source.Span) (Expr, error) {
	if len(args) < 2 {
		return nil, noOverload(e, args, at)
	}
	args, err := textArgs(args)
	if err != nil {
		return nil, err
	}
	return &Call{Func: concatWithFunc, Args: args, typ: data.Of(data.String), at: at}, nil
}

func stringEntries() []*entry {
	const s, n, b = data.String, data.BigInt, data.Boolean
	type textRow = func(f *frame, i int, to []byte) ([]byte, error)
	text := func(row textRow, params ...data.Kind) *Function {
		return &Function{Params: params, Returns: s, safe: true, kernel: just(textRows(row))}
	}
	integer := func(row func(f *frame, i int) int64, params ...data.Kind) *Function {
		return &Function{Params: params, Returns: n, safe: true,
			kernel: just(intRows(func(f *frame, i int) (int64, error) { return row(f, i), nil }))}
	}
	test := func(holds func(x, y []byte) bool) []*Function {
		return []*Function{{Params: []data.Kind{s, s}, Returns: b, safe: true,
			kernel: just(boolRows(func(f *frame, i int) (bool, error) { return holds(f.text(0, i), f.text(1, i)), nil }))}}
	}
	optional := func(f *Function) *Function { f.Optional = 1; return f }
	trim := func(left, right bool) []*Function {
		return []*Function{optional(text(func(f *frame, i int, to []byte) ([]byte, error) {
			x, cut := f.text(0, i), space
			if len(f.args) == 2 {
				cut = f.text(1, i)
			}
			return append(to, trimText(x, cut, left, right)...), nil
		}, s, s))}
	}
	list := []*entry{
		{name: "LENGTH", aliases: []string{"CHAR_LENGTH", "CHARACTER_LENGTH", "LEN"}, doc: "Number of characters; of BYTES the number of bytes.",
			examples: [][2]string{{"LENGTH('naïve')", "5"}},
			overloads: []*Function{
				integer(func(f *frame, i int) int64 { return int64(utf8.RuneCount(f.text(0, i))) }, s),
				integer(byteCount, data.Bytes),
			}},
		{name: "OCTET_LENGTH", doc: "Number of bytes.", examples: [][2]string{{"OCTET_LENGTH('naïve')", "6"}},
			overloads: []*Function{integer(byteCount, s), integer(byteCount, data.Bytes)}},
		{name: "BIT_LENGTH", doc: "Number of bits.", examples: [][2]string{{"BIT_LENGTH('jose')", "32"}},
			overloads: []*Function{integer(bitCount, s), integer(bitCount, data.Bytes)}},
		{name: "LOWER", aliases: []string{"LCASE"}, doc: "The text in lower case.", examples: [][2]string{{"LOWER('AbC')", "abc"}, {"LOWER('ÀB')", "àb"}},
			overloads: []*Function{{Params: []data.Kind{s}, Returns: s, safe: true, kernel: just(lowerCase.kernel)}}},
		{name: "UPPER", aliases: []string{"UCASE"}, doc: "The text in upper case.", examples: [][2]string{{"UPPER('abç')", "ABÇ"}},
			overloads: []*Function{{Params: []data.Kind{s}, Returns: s, safe: true, kernel: just(upperCase.kernel)}}},
		{name: "TRIM", aliases: []string{"BTRIM"}, doc: "The text without the blanks, or the given characters, at both ends.",
			examples: [][2]string{{"TRIM('  a b ')", "a b"}, {"TRIM('xaxx', 'x')", "a"}}, overloads: trim(true, true)},
		{name: "LTRIM", doc: "The text without the blanks, or the given characters, at its start.",
			examples: [][2]string{{"LTRIM('xxab', 'x')", "ab"}}, overloads: trim(true, false)},
		{name: "RTRIM", doc: "The text without the blanks, or the given characters, at its end.",
			examples: [][2]string{{"RTRIM('ab..', '.')", "ab"}}, overloads: trim(false, true)},
		{name: "SUBSTRING", aliases: []string{"SUBSTR"}, doc: "The characters from a 1-based place on, or as many of them as the third argument says.",
			examples: [][2]string{{"SUBSTRING('tidemark', 5)", "mark"}, {"SUBSTRING('tidemark', 1, 4)", "tide"}, {"SUBSTRING('abc', 0, 2)", "a"}},
			overloads: []*Function{
				text(func(f *frame, i int, to []byte) ([]byte, error) {
					return append(to, substring(f.text(0, i), f.int(1, i), maxLength)...), nil
				}, s, n),
				{Params: []data.Kind{s, n, n}, Returns: s, kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
					length := f.int(2, i)
					if length < 0 {
						return to, errNegativeLength
					}
					return append(to, substring(f.text(0, i), f.int(1, i), length)...), nil
				}))},
			}},
		{name: "POSITION", doc: "The 1-based place of the first text in the second; 0 when it is not there.",
			examples:  [][2]string{{"POSITION('b' IN 'abc')", "2"}},
			overloads: []*Function{integer(func(f *frame, i int) int64 { return position(f.text(1, i), f.text(0, i)) }, s, s)}},
		{name: "STRPOS", aliases: []string{"INSTR"}, doc: "The 1-based place of the second text in the first; 0 when it is not there.",
			examples:  [][2]string{{"STRPOS('abc', 'c')", "3"}, {"STRPOS('abc', 'x')", "0"}},
			overloads: []*Function{integer(func(f *frame, i int) int64 { return position(f.text(0, i), f.text(1, i)) }, s, s)}},
		{name: "LOCATE", doc: "The 1-based place of the first text in the second, from the third argument on; 0 when it is not there.",
			examples: [][2]string{{"LOCATE('b', 'abcb')", "2"}, {"LOCATE('b', 'abcb', 3)", "4"}},
			overloads: []*Function{optional(integer(func(f *frame, i int) int64 {
				from := int64(1)
				if len(f.args) == 3 {
					from = f.int(2, i)
				}
				return locate(f.text(1, i), f.text(0, i), from)
			}, s, s, n))}},
		{name: "REPLACE", doc: "The first text with every occurrence of the second replaced by the third.",
			examples: [][2]string{{"REPLACE('aXbX', 'X', '-')", "a-b-"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				return appendReplaced(to, f.text(0, i), f.text(1, i), f.text(2, i))
			}, s, s, s)}},
		{name: "CONCAT_WS", bind: bindConcatWith, signatures: []string{"CONCAT_WS(STRING, ANY, …) → STRING"}, doc: "Joins the arguments after the first as text, with the first between them, skipping NULLs.",
			examples: [][2]string{{"CONCAT_WS('-', 'a', NULL, 1)", "a-1"}, {"CONCAT_WS(NULL, 'a')", "NULL"}}},
		{name: "CONCAT", bind: bindConcatAll, signatures: []string{"CONCAT(ANY, …) → STRING"}, doc: "Joins the arguments as text, skipping NULLs.",
			examples: [][2]string{{"CONCAT('a', 1, NULL)", "a1"}}},
		{name: "SPLIT_PART", doc: "The n-th part between separators, counted from 1, or from the end when n is negative.",
			examples: [][2]string{{"SPLIT_PART('a,b,c', ',', 2)", "b"}, {"SPLIT_PART('a,b,c', ',', -1)", "c"}},
			overloads: []*Function{{Params: []data.Kind{s, s, n}, Returns: s, kernel: just(textRows(func(f *frame, i int, to []byte) ([]byte, error) {
				part := f.int(2, i)
				if part == 0 {
					return to, errPartZero
				}
				return append(to, splitPart(f.text(0, i), f.text(1, i), part)...), nil
			}))}}},
		{name: "SPLIT_INDEX", doc: "The n-th part between separators, counted from 0; NULL where there is none.",
			examples:  [][2]string{{"SPLIT_INDEX('a,b,c', ',', 1)", "b"}, {"SPLIT_INDEX('a,b,c', ',', 3)", "NULL"}},
			overloads: []*Function{text(splitIndex, s, s, n)}},
		{name: "STARTS_WITH", aliases: []string{"STARTSWITH"}, doc: "Whether the first text starts with the second.", examples: [][2]string{{"STARTS_WITH('tidemark', 'tide')", "true"}}, overloads: test(bytes.HasPrefix)},
		{name: "ENDS_WITH", aliases: []string{"ENDSWITH"}, doc: "Whether the first text ends with the second.", examples: [][2]string{{"ENDS_WITH('tidemark', 'mark')", "true"}}, overloads: test(bytes.HasSuffix)},
		{name: "CONTAINS", doc: "Whether the first text contains the second.", examples: [][2]string{{"CONTAINS('tidemark', 'dem')", "true"}}, overloads: test(bytes.Contains)},
		{name: "LEFT", doc: "The first n characters; with a negative n all but the last -n.",
			examples: [][2]string{{"LEFT('tidemark', 4)", "tide"}, {"LEFT('abc', -1)", "ab"}},
			overloads: []*Function{text(func(f *frame, i int, to []byte) ([]byte, error) {
				return append(to, leftText(f.text(0, i), f.int(1, i))...), nil
			}, s, n)}},
		{name: "RIGHT", doc: "The last n characters; with a negative n all but the first -n.",
			examples: [][2]string{{"RIGHT('tidemark', 4)", "mark"}, {"RIGHT('abc', -1)", "bc"}},
			overloads: []*Function{text(func(f *frame, i int, to []byte) ([]byte, error) {
				return append(to, rightText(f.text(0, i), f.int(1, i))...), nil
			}, s, n)}},
		{name: "REVERSE", doc: "The characters in opposite order.", examples: [][2]string{{"REVERSE('naï')", "ïan"}},
			overloads: []*Function{text(func(f *frame, i int, to []byte) ([]byte, error) { return appendReversed(to, f.text(0, i)), nil }, s)}},
	}
	for _, e := range list {
		e.family = "string"
	}
	return list
}

var space = []byte(" ")

func byteCount(f *frame, i int) int64 { return int64(len(f.text(0, i))) }
func bitCount(f *frame, i int) int64  { return 8 * byteCount(f, i) }
