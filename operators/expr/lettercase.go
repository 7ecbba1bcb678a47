package expr

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// letterCase is LOWER or UPPER.
type letterCase struct {
	first, last byte // the ASCII letters to change; the others differ in bit 5
	change      func(rune) rune
}

var (
	lowerCase = letterCase{'A', 'Z', unicode.ToLower}
	upperCase = letterCase{'a', 'z', unicode.ToUpper}
)

// kernel changes a whole column at once while it is ASCII.
func (c letterCase) kernel(f *frame) error {
	if x := f.args[0]; f.rows == nil {
		from := x.Offsets[0]
		if bytes, ok := c.appendASCII(f.out.Bytes[:0], x.Bytes[from:x.Offsets[f.n]]); ok {
			w := newTextWriter(f.out, f.n)
			w.put(bytes)
			for i, o := range x.Offsets[:f.n+1] {
				f.out.Offsets[i] = o - from
			}
			return nil
		}
	}
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) { return c.append(to, f.text(0, i)), nil })(f)
}

// append appends s in the case.
func (c letterCase) append(to, s []byte) []byte {
	if to, ok := c.appendASCII(to, s); ok {
		return to
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		if r == utf8.RuneError && n == 1 {
			to = append(to, s[i]) // not UTF-8: left as it is
		} else {
			to = utf8.AppendRune(to, c.change(r))
		}
		i += n
	}
	return to
}

// appendASCII appends s if it is all ASCII, eight letters at a time: adding 128
// less the first letter to a byte below 128 sets its high bit exactly for that
// letter and those above.
func (c letterCase) appendASCII(to, s []byte) ([]byte, bool) {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	fromFirst, aboveLast := ones*uint64(128-c.first), ones*uint64(127-c.last)
	start := len(to)
	to = append(to, s...)
	b := to[start:]
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		if w&high != 0 {
			return to[:start], false
		}
		binary.LittleEndian.PutUint64(b, w^((w+fromFirst)&^(w+aboveLast)&high)>>2)
		b = b[8:]
	}
	for i, x := range b {
		if x >= utf8.RuneSelf {
			return to[:start], false
		}
		if x >= c.first && x <= c.last {
			b[i] = x ^ 0x20
		}
	}
	return to, true
}
