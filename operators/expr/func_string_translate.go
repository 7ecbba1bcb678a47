package expr

import (
	"bytes"
	"unicode/utf8"
)

// translation is what TRANSLATE does to each character. Characters are known by
// their encoding, so that a byte that is no UTF-8 stands for itself.
type translation struct {
	from, to []byte            // what the tables were made of
	ascii    [128][]byte       // what replaces an ASCII character; nil where it stays
	other    map[string][]byte // the same for the others
	ready    bool
}

// translateKernel keeps the tables while the second and third argument stay.
func translateKernel(*Call) kernel {
	var t translation
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		from, by := f.text(1, i), f.text(2, i)
		if !t.ready || !bytes.Equal(from, t.from) || !bytes.Equal(by, t.to) {
			t.prepare(from, by)
		}
		return t.append(to, f.text(0, i)), nil
	})
}

// prepare fills the tables; of a character that stands twice the first counts.
func (t *translation) prepare(from, to []byte) {
	if t.to == nil {
		t.to = []byte{} // an entry that is nil means that the character stays
	}
	t.from, t.to, t.ready = append(t.from[:0], from...), append(t.to[:0], to...), true
	t.ascii = [128][]byte{}
	clear(t.other)
	from, to = t.from, t.to
	for len(from) > 0 {
		_, n := utf8.DecodeRune(from)
		_, m := utf8.DecodeRune(to)
		if c := from[0]; c < utf8.RuneSelf {
			if t.ascii[c] == nil {
				t.ascii[c] = to[:m:m]
			}
		} else if _, seen := t.other[string(from[:n])]; !seen {
			if t.other == nil {
				t.other = map[string][]byte{}
			}
			t.other[string(from[:n])] = to[:m:m]
		}
		from, to = from[n:], to[m:]
	}
}

func (t *translation) append(to, s []byte) []byte {
	for len(s) > 0 {
		if c := s[0]; c < utf8.RuneSelf {
			if by := t.ascii[c]; by != nil {
				to = append(to, by...)
			} else {
				to = append(to, c)
			}
			s = s[1:]
			continue
		}
		_, n := utf8.DecodeRune(s)
		by, ok := t.other[string(s[:n])]
		if !ok {
			by = s[:n]
		}
		to = append(to, by...)
		s = s[n:]
	}
	return to
}
