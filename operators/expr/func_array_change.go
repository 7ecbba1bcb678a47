package expr

import (
	"errors"
	"math"
	"slices"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

func arrayChangeEntries() []*entry {
	return inFamily("array", []*entry{
		{name: "ARRAY_APPEND", aliases: []string{"LIST_APPEND"}, doc: "The array with an element behind the others; a NULL array is an empty one.",
			examples: [][2]string{{"ARRAY_APPEND(ARRAY[1], 2)", "[1,2]"}, {"ARRAY_APPEND(ARRAY[1], NULL)", "[1,null]"}}, overloads: []*Function{appendOverload()}},
		{name: "ARRAY_PREPEND", aliases: []string{"LIST_PREPEND"}, doc: "The array with an element before the others; a NULL array is an empty one.",
			examples:  [][2]string{{"ARRAY_PREPEND(0, ARRAY[1])", "[0,1]"}, {"ARRAY_PREPEND(ARRAY[1], 0)", "[0,1]"}},
			overloads: []*Function{prependOverload(), overload("ARRAY<T>, T", "ARRAY<T>", joinKernel(true, true)).total().nullIn()}},
		{name: "ARRAY_CONCAT", aliases: []string{"ARRAY_CAT", "LIST_CONCAT"}, doc: "The elements of all the arrays in one; a NULL array adds nothing, and NULLs alone are NULL.",
			examples: [][2]string{{"ARRAY_CONCAT(ARRAY[1], ARRAY[2.5], ARRAY[])", "[1.0,2.5]"}}, overloads: []*Function{concatOverload()}},
		{name: "ARRAY_DISTINCT", aliases: []string{"LIST_DISTINCT"}, doc: "Every element once, in the order of the first of each.",
			examples: [][2]string{{"ARRAY_DISTINCT(ARRAY[2, 1, 2, NULL, NULL])", "[2,1,null]"}}, overloads: []*Function{overload("ARRAY<T>", "ARRAY<T>", setKernel(unionElements)).total()}},
		{name: "ARRAY_UNION", doc: "Every element of the two arrays once, in the order of the first of each.",
			examples: [][2]string{{"ARRAY_UNION(ARRAY[1, 2], ARRAY[3, 2])", "[1,2,3]"}}, overloads: []*Function{overload("ARRAY<T>, ARRAY<T>", "ARRAY<T>", setKernel(unionElements)).total()}},
		{name: "ARRAY_INTERSECT", aliases: []string{"LIST_INTERSECT"}, doc: "Every element of the first array once that the second one has, too.",
			examples: [][2]string{{"ARRAY_INTERSECT(ARRAY[1, 2, 2], ARRAY[2, 3])", "[2]"}}, overloads: []*Function{overload("ARRAY<T>, ARRAY<T>", "ARRAY<T>", setKernel(intersectElements)).total()}},
		{name: "ARRAY_EXCEPT", doc: "Every element of the first array once that the second one does not have.",
			examples: [][2]string{{"ARRAY_EXCEPT(ARRAY[1, 1, 2], ARRAY[2, 3])", "[1]"}}, overloads: []*Function{overload("ARRAY<T>, ARRAY<T>", "ARRAY<T>", setKernel(exceptElements)).total()}},
		{name: "ARRAY_REMOVE", doc: "The array without the elements equal to a value; NULL removes NULLs.",
			examples: [][2]string{{"ARRAY_REMOVE(ARRAY[1, 2, 1], 1)", "[2]"}, {"ARRAY_REMOVE(ARRAY[1, NULL], NULL)", "[1]"}}, overloads: []*Function{overload("ARRAY<T>, T", "ARRAY<T>", replaceKernel).total().nullIn()}},
		{name: "ARRAY_REPLACE", doc: "The array with every element equal to the second argument replaced by the third.",
			examples: [][2]string{{"ARRAY_REPLACE(ARRAY[1, 2, 1], 1, 7)", "[7,2,7]"}}, overloads: []*Function{overload("ARRAY<T>, T, T", "ARRAY<T>", replaceKernel).total().nullIn()}},
		{name: "ARRAY_REVERSE", aliases: []string{"LIST_REVERSE"}, doc: "The elements in opposite order.", examples: [][2]string{{"ARRAY_REVERSE(ARRAY[1, 2, NULL])", "[null,2,1]"}},
			overloads: []*Function{overload("ARRAY<T>", "ARRAY<T>", func(*Call) kernel {
				return orderKernel(func(_ *frame, _ int, parts [][]byte) { slices.Reverse(parts) })
			}).total()}},
		{name: "ARRAY_SORT", aliases: []string{"LIST_SORT"}, doc: "The elements in order: ascending unless the second argument is FALSE; NULLs last, or first when descending, unless the third argument says whether they come first.",
			examples:  [][2]string{{"ARRAY_SORT(ARRAY[2, NULL, 1])", "[1,2,null]"}, {"ARRAY_SORT(ARRAY[2, NULL, 1], FALSE)", "[null,2,1]"}, {"ARRAY_SORT(ARRAY[2, NULL, 1], FALSE, FALSE)", "[2,1,null]"}},
			overloads: []*Function{overload("ARRAY<T>, BOOLEAN, BOOLEAN", "ARRAY<T>", sortKernel).total().lastOptional(2)}},
		{name: "ARRAY_SLICE", aliases: []string{"LIST_SLICE"}, doc: "The elements from one place to another, both included and counted from 1, or from the end when negative; to the end without the second. Also written a[from:to].",
			examples:  [][2]string{{"ARRAY_SLICE(ARRAY[1, 2, 3, 4], 2, 3)", "[2,3]"}, {"ARRAY_SLICE(ARRAY[1, 2, 3], -2)", "[2,3]"}, {"ARRAY_SLICE(ARRAY[1, 2, 3], 3, 1)", "[]"}},
			overloads: []*Function{overload("ARRAY<T>, BIGINT, BIGINT", "ARRAY<T>", sliceKernel).total().lastOptional(1)}},
		{name: "ARRAY_FLATTEN", aliases: []string{"FLATTEN"}, doc: "The elements of the arrays in an array in one; NULL arrays add nothing.", examples: [][2]string{{"FLATTEN(ARRAY[ARRAY[1], NULL, ARRAY[2, 3]])", "[1,2,3]"}},
			overloads: []*Function{overload("ARRAY<ARRAY<T>>", "ARRAY<T>", flattenKernel).total()}},
		{name: "GENERATE_ARRAY", aliases: []string{"SEQUENCE"}, doc: "The numbers from one to another, both included, in steps of 1 or of the third argument.",
			examples:  [][2]string{{"GENERATE_ARRAY(1, 4)", "[1,2,3,4]"}, {"GENERATE_ARRAY(5, 1, -2)", "[5,3,1]"}, {"GENERATE_ARRAY(1, 0)", "[]"}},
			overloads: []*Function{overload("BIGINT, BIGINT, BIGINT", "ARRAY<BIGINT>", seriesKernel).lastOptional(1)}},
	})
}

func appendOverload() *Function {
	return overload("ARRAY<T>, T", "ARRAY<T>", joinKernel(false, true)).total().nullIn()
}

func prependOverload() *Function {
	return overload("T, ARRAY<T>", "ARRAY<T>", joinKernel(true, false)).total().nullIn()
}

func concatOverload() *Function {
	return overload("ARRAY<T>, ARRAY<T>", "ARRAY<T>", concatKernel).total().nullIn().variadic()
}

// The overloads of || for arrays. They are joined rather than put into each other
// where both would do.
var (
	pipesJoin    = named("||", concatOverload())
	pipesAppend  = named("||", appendOverload())
	pipesPrepend = named("||", prependOverload())
)

func named(name string, f *Function) *Function {
	f.Name = name
	return f
}

// concatArrays is || where one side is an array. A text beside one is an element.
func concatArrays(e *entry, args []Expr, at source.Span) (Expr, error) {
	ways := []*Function{pipesJoin, pipesAppend, pipesPrepend}
	for i, a := range args {
		if l, ok := a.(*Literal); ok && l.loose() && !l.IsNull() {
			ways = []*Function{[]*Function{pipesPrepend, pipesAppend}[i]}
		}
	}
	for _, f := range ways {
		if f.cost(args) >= 0 {
			return apply(f, args, at)
		}
	}
	return nil, noOverload(e, args, at)
}

// joinKernel puts an element before or behind an array, which is the first
// argument or the second.
func joinKernel(before, arrayFirst bool) func(*Call) kernel {
	array, element := 0, 1
	if !arrayFirst {
		array, element = 1, 0
	}
	return func(*Call) kernel {
		return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			if before {
				to = data.AppendElement(to, f.args[element], i)
			}
			to = appendElements(to, f, array, i)
			if !before {
				to = data.AppendElement(to, f.args[element], i)
			}
			return data.EndArray(to), nil
		})
	}
}

// appendElements appends the elements of an array without its end; NULL has none.
func appendElements(to []byte, f *frame, arg, i int) []byte {
	if f.args[arg].IsNull(i) {
		return to
	}
	return data.AppendElements(to, f.text(arg, i))
}

func concatKernel(*Call) kernel {
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		isNull := true
		for k, v := range f.args {
			isNull = isNull && v.IsNull(i)
			to = appendElements(to, f, k, i)
		}
		if isNull {
			f.setNull(i)
			return to, nil
		}
		return data.EndArray(to), nil
	})
}

func flattenKernel(c *Call) kernel {
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		for e := f.elements(0, i); e.Next(); {
			if !e.IsNull() {
				to = data.AppendElements(to, e.Value())
			}
		}
		return data.EndArray(to), nil
	})
}

type setOperation uint8

const (
	unionElements setOperation = iota
	intersectElements
	exceptElements
)

// setKernel keeps every element of its arguments once, or of the first those
// that are in the second or are not.
func setKernel(op setOperation) func(*Call) kernel {
	return func(c *Call) kernel {
		t := c.typ.Elem()
		seen, second := &elementSet{t: t}, &elementSet{t: t}
		return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
			seen.clear()
			second.clear()
			args := len(f.args)
			if op != unionElements {
				args = 1
				second.addAll(f.elements(1, i))
			}
			for k := range args {
				for e := f.elements(k, i); e.Next(); {
					if op != unionElements && second.has(e.Raw()) != (op == intersectElements) {
						continue
					}
					if seen.add(e.Raw()) {
						to = append(to, e.Raw()...)
					}
				}
			}
			return data.EndArray(to), nil
		})
	}
}

// replaceKernel leaves out the elements equal to the second argument, or puts the
// third in their place.
func replaceKernel(c *Call) kernel {
	find := needle{t: c.Args[1].Type()}
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		if f.args[0].IsNull(i) {
			f.setNull(i)
			return to, nil
		}
		find.set(f.args[1], i)
		for e := f.elements(0, i); e.Next(); {
			switch {
			case !find.is(e.Raw()):
				to = append(to, e.Raw()...)
			case len(f.args) == 3:
				to = data.AppendElement(to, f.args[2], i)
			}
		}
		return data.EndArray(to), nil
	})
}

// orderKernel puts the elements of an array in another order.
func orderKernel(order func(f *frame, i int, parts [][]byte)) kernel {
	var parts [][]byte
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		parts = parts[:0]
		for e := f.elements(0, i); e.Next(); {
			parts = append(parts, e.Raw())
		}
		order(f, i, parts)
		for _, p := range parts {
			to = append(to, p...)
		}
		return data.EndArray(to), nil
	})
}

func sortKernel(c *Call) kernel {
	t := c.typ.Elem()
	return orderKernel(func(f *frame, i int, parts [][]byte) {
		ascending := len(f.args) < 2 || f.bool(1, i)
		nullsFirst := !ascending
		if len(f.args) == 3 {
			nullsFirst = f.bool(2, i)
		}
		slices.SortStableFunc(parts, func(a, b []byte) int {
			p, q := data.IsNullElement(a), data.IsNullElement(b)
			switch {
			case p || q:
				if p == q {
					return 0
				}
				return 1 - 2*b2i(p == nullsFirst)
			case ascending:
				return compareElements(t, a, b)
			}
			return compareElements(t, b, a)
		})
	})
}

func sliceKernel(c *Call) kernel {
	t := c.typ
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		from, last := f.int(1, i), int64(math.MaxInt64)
		if len(f.args) == 3 {
			last = f.int(2, i)
		}
		if from < 0 || last < 0 {
			n := int64(data.CountElements(t, f.text(0, i)))
			from, last = fromEnd(from, n), fromEnd(last, n)
		}
		place := int64(0)
		for e := f.elements(0, i); e.Next() && place < last; {
			if place++; place >= from {
				to = append(to, e.Raw()...)
			}
		}
		return data.EndArray(to), nil
	})
}

// fromEnd is the place counted from 1 that a negative one counts from the end.
func fromEnd(place, n int64) int64 {
	if place < 0 {
		return place + n + 1
	}
	return place
}

// maxSeries is the most elements GENERATE_ARRAY makes: about maxText bytes.
const maxSeries = 1_000_000

var (
	errNoStep     = errors.New("GENERATE_ARRAY cannot go in steps of 0")
	errLongSeries = errors.New("GENERATE_ARRAY would make more than 1000000 elements, its limit; GENERATE_SERIES in FROM makes rows without end")
)

func seriesKernel(*Call) kernel {
	one := &data.Vector{}
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		from, last, step := f.int(0, i), f.int(1, i), int64(1)
		if len(f.args) == 3 {
			step = f.int(2, i)
		}
		if step == 0 {
			return to, errNoStep
		}
		for n := 0; step > 0 && from <= last || step < 0 && from >= last; n++ {
			if n == maxSeries {
				return to, errLongSeries
			}
			one.Reset(data.Of(data.BigInt))
			one.AppendInt(from)
			to = data.AppendElement(to, one, 0)
			next := from + step
			if (next > from) != (step > 0) { // beyond the range of BIGINT
				break
			}
			from = next
		}
		return data.EndArray(to), nil
	})
}
