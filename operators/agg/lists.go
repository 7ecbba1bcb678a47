package agg

import (
	"bytes"
	"fmt"
	"iter"

	"tidemark/operators/data"
)

// textLimit is the most bytes that a list made of a group's rows may have.
const textLimit = 16 << 20

// list appends to out the one value that the rows of a group make up. rows yields
// the arguments of each as elements, good until the next.
type list func(out *data.Vector, rows iter.Seq[[]byte]) error

// bindList binds an aggregate of all rows in order, or with DISTINCT of the
// different values in their own order. Rows without column needs are left out;
// -1 means none are.
func bindList(s *Spec, f *Func, result data.Type, needs int, l list) error {
	f.Result = result
	if f.Distinct {
		return bindDistinctList(s, f, needs, l)
	}
	f.InOrder = s.Updating
	var keys []sortKey
	if len(s.Order) > 0 {
		keys = orderKeys(s, f)
	}
	f.create = func() State {
		return &arrivals{args: f.Args, keys: keys, needs: needs, found: s.Updating,
			result: func(a *arrivals, out *data.Vector, g int32) error { return l(out, a.each(g)) }}
	}
	return nil
}

func bindDistinctList(s *Spec, f *Func, needs int, l list) error {
	t := f.Args[0]
	if len(s.Order) > 1 || len(s.Order) == 1 && s.Order[0].Type != t {
		return fmt.Errorf("%s(DISTINCT x ORDER BY …) can only be ordered by x itself; write ORDER BY x, or leave DISTINCT out", f.Name)
	}
	desc, nullsFirst := false, false
	if len(s.Order) == 1 {
		desc, nullsFirst = s.Order[0].Desc, s.Order[0].NullsFirst
	}
	f.create = func() State {
		return &bag{arg: t, nulls: needs < 0, result: func(b *bag, out *data.Vector, g int32) error {
			return l(out, b.each(g, desc, nullsFirst))
		}}
	}
	return nil
}

// tooLong is the error of a list of more than textLimit bytes; what has been
// appended of it is taken back.
func tooLong(out *data.Vector, name string) error {
	out.Bytes = out.Bytes[:out.Offsets[len(out.Offsets)-1]]
	return fmt.Errorf("%w: the result of %s is longer than the limit of 16 MiB; group by more, or filter", ErrOverflow, name)
}

// arrayOf is ARRAY_AGG.
func arrayOf(out *data.Vector, rows iter.Seq[[]byte]) error {
	from := len(out.Bytes)
	for row := range rows {
		if out.Bytes = append(out.Bytes, row...); len(out.Bytes)-from > textLimit {
			return tooLong(out, "ARRAY_AGG")
		}
	}
	out.Bytes = data.EndArray(out.Bytes)
	out.EndText()
	return nil
}

// joined is STRING_AGG.
func joined(separator []byte) list {
	return func(out *data.Vector, rows iter.Seq[[]byte]) error {
		var text data.Vector
		from, first := len(out.Bytes), true
		for row := range rows {
			if !first {
				out.Bytes = append(out.Bytes, separator...)
			}
			first = false
			text.Reset(data.Of(data.String))
			text.AppendEncoded(row)
			if out.Bytes = append(out.Bytes, text.Text(0)...); len(out.Bytes)-from > textLimit {
				return tooLong(out, "STRING_AGG")
			}
		}
		out.EndText()
		return nil
	}
}

// jsonArray is JSON_ARRAYAGG of values of type t, which leaves NULLs out, as the
// standard has it, or JSON_AGG, which keeps them, as PostgreSQL does.
func jsonArray(name string, t data.Type) list {
	return func(out *data.Vector, rows iter.Seq[[]byte]) error {
		var value data.Vector
		from := len(out.Bytes)
		out.Bytes = append(out.Bytes, '[')
		for row := range rows {
			value.Reset(t)
			if value.AppendEncoded(row); value.IsNull(0) && name != "JSON_AGG" {
				continue
			}
			if len(out.Bytes) > from+1 {
				out.Bytes = append(out.Bytes, ',')
			}
			if out.Bytes = data.AppendJSON(out.Bytes, &value, 0); len(out.Bytes)-from > textLimit {
				return tooLong(out, name)
			}
		}
		out.Bytes = append(out.Bytes, ']')
		out.EndText()
		return nil
	}
}

// jsonObject is JSON_OBJECTAGG of keys and values. Of several values with one key
// the last one counts, in the place of the first.
func jsonObject(key, value data.Type) list {
	return func(out *data.Vector, rows iter.Seq[[]byte]) error {
		var k, v data.Vector
		var members [][]byte
		places := map[string]int{}
		size := 2
		for row := range rows {
			pair := data.Walk(rowOf([]data.Type{key, value}), row)
			k.Reset(key)
			v.Reset(value)
			pair.Next()
			pair.Append(&k)
			pair.Next()
			pair.Append(&v)
			if k.IsNull(0) {
				return fmt.Errorf("a key of JSON_OBJECTAGG is NULL; leave such rows out: JSON_OBJECTAGG(k, v) FILTER (WHERE k IS NOT NULL)")
			}
			name := string(data.AppendText(nil, &k, 0))
			at, seen := places[name]
			if !seen {
				at = len(members)
				places[name] = at
				members = append(members, nil)
			}
			size -= len(members[at])
			member := append(data.AppendJSONString(members[at][:0], []byte(name)), ':')
			members[at] = data.AppendJSON(member, &v, 0)
			if size += len(members[at]) + 1; size > textLimit {
				return tooLong(out, "JSON_OBJECTAGG")
			}
		}
		out.Bytes = append(out.Bytes, '{')
		for i, m := range members {
			if i > 0 {
				out.Bytes = append(out.Bytes, ',')
			}
			out.Bytes = append(out.Bytes, m...)
		}
		out.Bytes = append(out.Bytes, '}')
		out.EndText()
		return nil
	}
}

func bindArrayAgg(s *Spec, f *Func) error {
	f.Args[0] = known(f.Args[0])
	if t := f.Args[0]; t.Depth() == data.MaxNesting {
		return fmt.Errorf("ARRAY_AGG(%s) would be nested deeper than the limit of %d levels", t, data.MaxNesting)
	}
	needs := -1
	if s.IgnoreNulls {
		needs = 0
	}
	return bindList(s, f, data.ArrayOf(f.Args[0]), needs, arrayOf)
}

func bindStringAgg(s *Spec, f *Func) error {
	f.Args = f.Args[:1]
	if t := known(f.Args[0]); t.Kind != data.String {
		return fmt.Errorf("%s joins STRING values, not %s; cast them: %s(CAST(x AS STRING), ', ')", f.Name, t, f.Name)
	}
	f.Args[0] = data.Of(data.String)
	separator := []byte(",")
	if len(s.Args) == 2 {
		c := s.constant(1)
		if c == nil || c.IsNull(0) || c.Type.Kind != data.String {
			return fmt.Errorf("the separator of %s must be a constant text; write %s(x, ', ')", f.Name, f.Name)
		}
		separator = bytes.Clone(c.Text(0))
	}
	return bindList(s, f, data.Of(data.String), 0, joined(separator))
}

func bindJSONArrayAgg(s *Spec, f *Func) error {
	f.Args[0] = known(f.Args[0])
	return bindList(s, f, data.Of(data.JSON), -1, jsonArray(f.Name, f.Args[0]))
}

func bindJSONObjectAgg(s *Spec, f *Func) error {
	f.Args[0], f.Args[1] = known(f.Args[0]), known(f.Args[1])
	if f.Distinct {
		return fmt.Errorf("JSON_OBJECTAGG takes no DISTINCT; of several values with one key the last one counts anyway")
	}
	if f.Args[0].Nested() {
		return fmt.Errorf("the keys of JSON_OBJECTAGG cannot be %s; cast them: CAST(k AS STRING)", f.Args[0])
	}
	return bindList(s, f, data.Of(data.JSON), -1, jsonObject(f.Args[0], f.Args[1]))
}

// known is the type of an argument, STRING for a bare NULL.
func known(t data.Type) data.Type {
	if t.Kind == data.Unknown {
		return data.Of(data.String)
	}
	return t
}
