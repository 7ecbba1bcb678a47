package expr

import (
	"bytes"
	"unicode/utf8"

	"tidemark/operators/data"
)

func arrayTextEntries() []*entry {
	return inFamily("array", []*entry{
		{name: "ARRAY_TO_STRING", aliases: []string{"ARRAY_JOIN"}, doc: "The elements as text with a separator between them; NULLs are left out, or written as the third argument.",
			examples:  [][2]string{{"ARRAY_TO_STRING(ARRAY[1, NULL, 3], '-')", "1-3"}, {"ARRAY_TO_STRING(ARRAY['a', NULL], ',', '?')", "a,?"}},
			overloads: []*Function{overload("ARRAY<T>, STRING, STRING", "STRING", joinTextKernel).total().nullIn().lastOptional(1)}},
		{name: "STRING_TO_ARRAY", doc: "The parts of a text between separators; of an empty text none. Without a separator (NULL) they are the characters, with an empty one the whole text. A part equal to the third argument becomes NULL.",
			examples:  [][2]string{{"STRING_TO_ARRAY('a,b,,c', ',')", `["a","b","","c"]`}, {"STRING_TO_ARRAY('a,b', ',', 'b')", `["a",null]`}, {"STRING_TO_ARRAY('naï', NULL)", `["n","a","ï"]`}},
			overloads: []*Function{overload("STRING, STRING, STRING", "ARRAY<STRING>", stringToArrayKernel).total().nullIn().lastOptional(1)}},
		{name: "SPLIT", aliases: []string{"STRING_SPLIT", "STR_SPLIT"}, doc: "The parts of a text between separators; the characters where the separator is empty.",
			examples: [][2]string{{"SPLIT('a,b', ',')", `["a","b"]`}, {"SPLIT('', ',')", `[""]`}, {"SPLIT('ab', '')", `["a","b"]`}},
			overloads: []*Function{overload("STRING, STRING", "ARRAY<STRING>", func(*Call) kernel {
				w := &textElements{}
				return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
					w.begin()
					if len(f.text(1, i)) == 0 {
						w.characters(f.text(0, i))
					} else {
						w.parts(f.text(0, i), f.text(1, i))
					}
					return w.array(to), nil
				})
			}).total()}},
	})
}

func joinTextKernel(c *Call) kernel {
	t := c.Args[0].Type().Elem()
	one := &data.Vector{}
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		if f.args[0].IsNull(i) || f.args[1].IsNull(i) {
			f.setNull(i)
			return to, nil
		}
		first := true
		for e := f.elements(0, i); e.Next(); {
			if e.IsNull() && (len(f.args) < 3 || f.args[2].IsNull(i)) {
				continue
			}
			if !first {
				to = append(to, f.text(1, i)...)
			}
			first = false
			if e.IsNull() {
				to = append(to, f.text(2, i)...)
				continue
			}
			one.Reset(t)
			e.Append(one)
			to = data.AppendText(to, one, 0)
		}
		return to, nil
	})
}

func stringToArrayKernel(*Call) kernel {
	w := &textElements{}
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		if f.args[0].IsNull(i) {
			f.setNull(i)
			return to, nil
		}
		w.begin()
		if len(f.args) == 3 && !f.args[2].IsNull(i) {
			w.null, w.hasNull = f.text(2, i), true
		}
		text := f.text(0, i)
		switch {
		case len(text) == 0:
		case f.args[1].IsNull(i):
			w.characters(text)
		case len(f.text(1, i)) == 0:
			w.add(text)
		default:
			w.parts(text, f.text(1, i))
		}
		return w.array(to), nil
	})
}

// textElements gathers the elements of one ARRAY<STRING> after another.
type textElements struct {
	texts   data.Vector
	null    []byte // what stands for NULL, with hasNull
	hasNull bool
}

func (w *textElements) begin() {
	w.texts.Reset(data.Of(data.String))
	w.null, w.hasNull = nil, false
}

func (w *textElements) add(text []byte) {
	if w.hasNull && bytes.Equal(text, w.null) {
		w.texts.AppendNull()
		return
	}
	w.texts.AppendText(text)
}

// parts adds what is between separators, which are not empty.
func (w *textElements) parts(text, separator []byte) {
	for {
		at := bytes.Index(text, separator)
		if at < 0 {
			w.add(text)
			return
		}
		w.add(text[:at])
		text = text[at+len(separator):]
	}
}

// characters adds each character.
func (w *textElements) characters(text []byte) {
	for len(text) > 0 {
		_, size := utf8.DecodeRune(text)
		w.add(text[:size])
		text = text[size:]
	}
}

// array appends the array.
func (w *textElements) array(to []byte) []byte {
	for i := range w.texts.Len() {
		to = data.AppendElement(to, &w.texts, i)
	}
	return data.EndArray(to)
}
