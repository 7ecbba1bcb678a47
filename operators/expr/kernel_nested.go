package expr

import (
	"bytes"
	"errors"

	"tidemark/operators/data"
)

// valueRows makes a kernel of a function whose result may be of any type: row
// appends the value of a row to one, which is empty; nothing stands for NULL.
func valueRows(t data.Type, row func(f *frame, i int, one *data.Vector) error) kernel {
	one := &data.Vector{}
	return func(f *frame) error {
		var w textWriter
		if t.Class() == data.ClassBytes {
			w = newTextWriter(f.out, f.n)
		}
		return f.each(func(i int) error {
			one.Reset(t)
			if err := row(f, i, one); err != nil {
				return err
			}
			if one.Len() == 0 || one.IsNull(0) {
				f.setNull(i)
				return nil
			}
			switch t.Class() {
			case data.ClassInt:
				f.out.Ints[i] = one.Ints[0]
			case data.ClassFloat:
				f.out.Floats[i] = one.Floats[0]
			case data.ClassBool:
				f.out.Bools[i] = one.Bools[0]
			case data.ClassWide:
				f.out.Wides[i] = one.Wides[0]
			case data.ClassBytes:
				b := append(w.at(i), one.Text(0)...)
				if len(b) > maxTexts {
					return errTooMuchText
				}
				w.put(b)
			}
			return nil
		}, func() {
			if t.Class() == data.ClassBytes {
				w.close()
			}
		})
	}
}

// elements walks over row i of an argument of a nested type.
func (f *frame) elements(arg, i int) data.Elements { return f.args[arg].Elements(i) }

// needle is an element that others are compared with.
type needle struct {
	t   data.Type
	buf []byte
}

// set makes row i of v the needle.
func (n *needle) set(v *data.Vector, i int) []byte {
	n.buf = data.AppendElement(n.buf[:0], v, i)
	return data.ComparableElement(n.t, n.buf)
}

// is reports whether an element equals the needle, where NULL equals NULL.
func (n *needle) is(raw []byte) bool {
	return bytes.Equal(data.ComparableElement(n.t, raw), data.ComparableElement(n.t, n.buf))
}

// fewElements is how many elements are searched one by one instead of hashed.
const fewElements = 16

// elementSet is a set of elements of one type, for one row after another.
type elementSet struct {
	t    data.Type
	few  [][]byte
	many map[string]struct{}
}

func (s *elementSet) clear() {
	s.few = s.few[:0]
	clear(s.many)
}

// add adds an element, whose bytes must last until clear, and reports whether it
// is new.
func (s *elementSet) add(raw []byte) bool {
	if s.has(raw) {
		return false
	}
	key := data.ComparableElement(s.t, raw)
	if len(s.few) < fewElements {
		s.few = append(s.few, key)
		return true
	}
	if s.many == nil {
		s.many = map[string]struct{}{}
	}
	s.many[string(key)] = struct{}{}
	return true
}

func (s *elementSet) has(raw []byte) bool {
	key := data.ComparableElement(s.t, raw)
	for _, k := range s.few {
		if bytes.Equal(k, key) {
			return true
		}
	}
	_, ok := s.many[string(key)]
	return ok
}

// addAll adds the elements of an array.
func (s *elementSet) addAll(e data.Elements) {
	for e.Next() {
		s.add(e.Raw())
	}
}

var (
	errNullKey      = errors.New("a key of a MAP cannot be NULL")
	errManyElements = errors.New("ELEMENT takes an array of one element or none, and this one has more")
)
