package agg

import (
	"bytes"
	"iter"
	"slices"

	"tidemark/operators/data"
)

// bag keeps the values of each group, in order and counted. It is the state of
// the aggregates whose result hangs on the places of values, and of the extremes
// where rows are taken back.
type bag struct {
	arg    data.Type // of the first column of Rows
	result bagResult
	nulls  bool // NULLs are values, too: keys are whole elements, else without their mark

	values forest
	pick   picker
	key    []byte
	one    data.Vector // a value on its way out
}

// valueMark is what data.AppendElement writes in front of a value.
const valueMark = 1

// bagResult appends the result of a group that has values to out.
type bagResult func(b *bag, out *data.Vector, g int32) error

func (b *bag) Resize(n int) { b.values.resize(n) }

func (b *bag) Update(groups, rows []int32, in Rows)  { b.add(groups, rows, in.Cols[0], 1) }
func (b *bag) Retract(groups, rows []int32, in Rows) { b.add(groups, rows, in.Cols[0], -1) }

func (b *bag) add(groups, rows []int32, arg *data.Vector, d int64) {
	if b.nulls {
		for k, r := range rows {
			b.key = data.AppendElement(b.key[:0], arg, int(r))
			b.count(groups[k], b.key, d)
		}
		return
	}
	groups, at := b.pick.pick(groups, rows, arg)
	for k, r := range at {
		b.key = data.AppendElement(b.key[:0], arg, int(r))
		b.count(groups[k], b.key[1:], d)
	}
}

func (b *bag) count(g int32, key []byte, d int64) {
	if d > 0 {
		b.values.put(g, key)
	} else {
		b.values.add(g, key, d)
	}
}

// element returns the value of a node as an element, good until the next.
func (b *bag) element(t int32) []byte {
	b.key = b.key[:0]
	if !b.nulls {
		b.key = append(b.key, valueMark)
	}
	b.key = b.values.appendKey(b.key, t)
	return b.key
}

// value appends the value of a node to out, which has the type of the argument.
func (b *bag) value(out *data.Vector, t int32) { out.AppendEncoded(b.element(t)) }

// read returns the value of a node in a vector of its own, good until the next read.
func (b *bag) read(t int32) *data.Vector {
	b.one.Reset(b.arg)
	b.value(&b.one, t)
	return &b.one
}

// each yields the different values of group g in order as elements.
func (b *bag) each(g int32, desc, nullsFirst bool) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var null, last []byte
		var nodes []int32
		b.values.walk(g, func(t int32) bool {
			if e := b.element(t); e[0] != valueMark {
				null = bytes.Clone(e)
			} else if b.arg.Kind != data.Interval || !bytes.Equal(last, e[:intervalLen]) {
				nodes = append(nodes, t)
				if b.arg.Kind == data.Interval { // those of one length are one value
					last = append(last[:0], e[:intervalLen]...)
				}
			}
			return true
		})
		if null != nil && nullsFirst && !yield(null) {
			return
		}
		if desc {
			slices.Reverse(nodes)
		}
		for _, t := range nodes {
			if !yield(b.element(t)) {
				return
			}
		}
		if null != nil && !nullsFirst {
			yield(null)
		}
	}
}

// intervalLen is how many bytes of an INTERVAL as an element tell its length.
const intervalLen = 17

func (b *bag) Merge(groups []int32, from State) {
	b.values.merge(groups, &from.(*bag).values, nil)
}

func (b *bag) Append(out *data.Vector, groups []int32) (int, error) {
	for k, g := range groups {
		if b.values.total(g) == 0 {
			out.AppendNull()
		} else if err := b.result(b, out, g); err != nil {
			return k, err
		}
	}
	return 0, nil
}

func (b *bag) Reset()       { b.values.reset() }
func (b *bag) Bytes() int64 { return b.values.bytes() + b.pick.bytes() }

func (b *bag) AppendSnapshot(dst []byte) []byte { return appendBlock(dst, b.values.save) }

func (b *bag) LoadSnapshot(src []byte) ([]byte, error) {
	return loadBlock(src, func(r *reader) { b.values.load(r, b.valid) })
}

// valid reports whether a saved key is a value of the argument's type.
func (b *bag) valid(_ int32, key []byte, _ int64) bool {
	if b.nulls {
		return isElement(b.arg, key)
	}
	b.key = append(append(b.key[:0], valueMark), key...)
	return isElement(b.arg, b.key)
}

// leastOf and greatestOf are MIN and MAX; leastOf is ANY_VALUE, too.
func leastOf(b *bag, out *data.Vector, g int32) error {
	b.value(out, b.values.first(g))
	return nil
}

func greatestOf(b *bag, out *data.Vector, g int32) error {
	b.value(out, b.values.last(g))
	return nil
}

// modeOf is MODE: the value that occurs most, of several the first in order.
func modeOf(descending bool) bagResult {
	return func(b *bag, out *data.Vector, g int32) error {
		b.value(out, b.values.mode(g, descending))
		return nil
	}
}
