package expr

import (
	"bytes"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

func arrayEntries() []*entry {
	return inFamily("array", []*entry{
		{name: "CARDINALITY", aliases: []string{"ARRAY_SIZE"}, doc: "How many elements an array or entries a map has.",
			examples: [][2]string{{"CARDINALITY(ARRAY[1, NULL])", "2"}, {"CARDINALITY(MAP['a', 1])", "1"}},
			overloads: []*Function{
				overload("ARRAY<T>", "BIGINT", cardinalityKernel).total(),
				overload("MAP<K,V>", "BIGINT", cardinalityKernel).total(),
			}},
		{name: "ARRAY_LENGTH", bind: bindArrayLength, signatures: []string{"ARRAY_LENGTH(ARRAY<T>) → BIGINT", "ARRAY_LENGTH(ARRAY<T>, 1) → BIGINT"},
			doc:      "How many elements an array has. With the dimension, as PostgreSQL has it, NULL of an empty one; arrays have just one dimension.",
			examples: [][2]string{{"ARRAY_LENGTH(ARRAY[1, NULL])", "2"}, {"ARRAY_LENGTH(ARRAY['a'], 1)", "1"}, {"ARRAY_LENGTH(ARRAY[], 1)", "NULL"}}},
		{name: "ARRAY_CONTAINS", aliases: []string{"LIST_CONTAINS", "ARRAY_HAS"}, doc: "Whether an array has an element; NULL is found, too.",
			examples: [][2]string{{"ARRAY_CONTAINS(ARRAY[1, 2], 2)", "true"}, {"ARRAY_CONTAINS(ARRAY[1, NULL], NULL)", "true"}, {"ARRAY_CONTAINS(NULL, 1)", "NULL"}},
			overloads: []*Function{overload("ARRAY<T>, T", "BOOLEAN", func(c *Call) kernel {
				find := needle{t: c.Args[1].Type()}
				return boolRows(func(f *frame, i int) (bool, error) {
					if f.args[0].IsNull(i) {
						f.setNull(i)
						return false, nil
					}
					find.set(f.args[1], i)
					for e := f.elements(0, i); e.Next(); {
						if find.is(e.Raw()) {
							return true, nil
						}
					}
					return false, nil
				})
			}).total().nullIn()}},
		{name: "ARRAY_POSITION", aliases: []string{"LIST_POSITION"}, doc: "The first place of an element, counted from 1, at or after a place; NULL where it is not there. NULL is found, too.",
			examples:  [][2]string{{"ARRAY_POSITION(ARRAY['a', 'b', 'a'], 'a')", "1"}, {"ARRAY_POSITION(ARRAY['a', 'b', 'a'], 'a', 2)", "3"}, {"ARRAY_POSITION(ARRAY[1], 2)", "NULL"}},
			overloads: []*Function{overload("ARRAY<T>, T, BIGINT", "BIGINT", positionKernel).total().nullIn().lastOptional(1)}},
		{name: "ARRAY_MAX", aliases: []string{"LIST_MAX"}, doc: "The largest element that is not NULL.", examples: [][2]string{{"ARRAY_MAX(ARRAY[3, NULL, 5])", "5"}, {"ARRAY_MAX(ARRAY[NULL])", "NULL"}},
			overloads: []*Function{overload("ARRAY<T>", "T", extremeElement(1)).total()}},
		{name: "ARRAY_MIN", aliases: []string{"LIST_MIN"}, doc: "The smallest element that is not NULL.", examples: [][2]string{{"ARRAY_MIN(ARRAY[3, NULL, 5])", "3"}},
			overloads: []*Function{overload("ARRAY<T>", "T", extremeElement(-1)).total()}},
		{name: "ELEMENT", doc: "The one element of an array, NULL of an empty one; more than one is an error.", examples: [][2]string{{"ELEMENT(ARRAY['x'])", "x"}, {"ELEMENT(ARRAY[])", "NULL"}},
			overloads: []*Function{overload("ARRAY<T>", "T", func(c *Call) kernel {
				return valueRows(c.typ, func(f *frame, i int, one *data.Vector) error {
					e := f.elements(0, i)
					if e.Next() {
						if e.Append(one); e.Next() {
							return errManyElements
						}
					}
					return nil
				})
			})}},
		{name: "ARRAYS_OVERLAP", aliases: []string{"ARRAY_OVERLAPS", "LIST_HAS_ANY"}, doc: "Whether two arrays have an element in common that is not NULL.",
			examples: [][2]string{{"ARRAYS_OVERLAP(ARRAY[1, 2], ARRAY[2, 3])", "true"}, {"ARRAYS_OVERLAP(ARRAY[NULL], ARRAY[NULL])", "false"}},
			overloads: []*Function{overload("ARRAY<T>, ARRAY<T>", "BOOLEAN", func(c *Call) kernel {
				set := &elementSet{t: c.Args[0].Type().Elem()}
				return boolRows(func(f *frame, i int) (bool, error) {
					set.clear()
					set.addAll(f.elements(0, i))
					for e := f.elements(1, i); e.Next(); {
						if !e.IsNull() && set.has(e.Raw()) {
							return true, nil
						}
					}
					return false, nil
				})
			}).total()}},
		{name: "ARRAY_CONTAINS_ALL", aliases: []string{"LIST_HAS_ALL"}, doc: "Whether the first array has every element of the second.",
			examples: [][2]string{{"ARRAY_CONTAINS_ALL(ARRAY[1, 2, 3], ARRAY[3, 1])", "true"}, {"ARRAY_CONTAINS_ALL(ARRAY[1], ARRAY[1, 2])", "false"}},
			overloads: []*Function{overload("ARRAY<T>, ARRAY<T>", "BOOLEAN", func(c *Call) kernel {
				set := &elementSet{t: c.Args[0].Type().Elem()}
				return boolRows(func(f *frame, i int) (bool, error) {
					set.clear()
					set.addAll(f.elements(0, i))
					for e := f.elements(1, i); e.Next(); {
						if !set.has(e.Raw()) {
							return false, nil
						}
					}
					return true, nil
				})
			}).total()}},
	})
}

func cardinalityKernel(c *Call) kernel {
	t := c.Args[0].Type()
	return intRows(func(f *frame, i int) (int64, error) { return int64(data.CountElements(t, f.text(0, i))), nil })
}

func positionKernel(c *Call) kernel {
	find := needle{t: c.Args[1].Type()}
	return intRows(func(f *frame, i int) (int64, error) {
		from := int64(1)
		if len(f.args) == 3 && !f.args[2].IsNull(i) {
			from = f.int(2, i)
		}
		if !f.args[0].IsNull(i) {
			find.set(f.args[1], i)
			place := int64(0)
			for e := f.elements(0, i); e.Next(); {
				if place++; place >= from && find.is(e.Raw()) {
					return place, nil
				}
			}
		}
		f.setNull(i)
		return 0, nil
	})
}

// extremeElement picks the largest (sign 1) or smallest (-1) element.
func extremeElement(sign int) func(*Call) kernel {
	return func(c *Call) kernel {
		return valueRows(c.typ, func(f *frame, i int, one *data.Vector) error {
			var best []byte
			for e := f.elements(0, i); e.Next(); {
				if !e.IsNull() && (best == nil || sign*compareElements(c.typ, e.Raw(), best) > 0) {
					best = e.Raw()
				}
			}
			if best != nil {
				one.AppendEncoded(best)
			}
			return nil
		})
	}
}

// compareElements orders two encoded elements of type t, NULLs last.
func compareElements(t data.Type, a, b []byte) int {
	return bytes.Compare(data.ComparableElement(t, a), data.ComparableElement(t, b))
}

// bindArrayLength is CARDINALITY, and PostgreSQL's array_length(a, 1).
func bindArrayLength(e *entry, args []Expr, at source.Span) (Expr, error) {
	if err := needs(e, args, 1, 2, at); err != nil {
		return nil, err
	}
	n, err := NewCall("CARDINALITY", args[:1], at)
	if err != nil || len(args) == 1 {
		return n, err
	}
	if l, ok := args[1].(*Literal); !ok || !l.Type().Integer() || l.IsNull() || l.Value.Ints[0] != 1 {
		return nil, errorf(args[1].Span(), "an array in an array has a length of its own: ARRAY_LENGTH(a[1], 1)", "the dimension of ARRAY_LENGTH is 1")
	}
	return NewCall("NULLIF", []Expr{n, IntLiteral(0, at)}, at)
}
