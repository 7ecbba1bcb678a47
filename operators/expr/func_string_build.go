package expr

import (
	"errors"
	"unicode"
	"unicode/utf8"

	"tidemark/operators/data"
)

var (
	errOverlayStart = errors.New("OVERLAY counts from 1; it cannot begin before the first character")
	errChrZero      = errors.New("CHR has no character 0; a text holds none")
	errChrRange     = errors.New("there is no character of this number; the largest is 1114111, and 55296 to 57343 are none")
)

// stringBuildEntries are the functions that build texts out of others.
func stringBuildEntries() []*entry {
	const s, n, i32 = data.String, data.BigInt, data.Int
	return inFamily("string", []*entry{
		{name: "REPEAT", doc: "The text n times over.", examples: [][2]string{{"REPEAT('ab', 3)", "ababab"}, {"REPEAT('ab', -1)", ""}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				return appendRepeated(to, f.text(0, i), f.int(1, i), "REPEAT")
			}, s, n)}},
		{name: "SPACE", doc: "A text of n blanks.", examples: [][2]string{{"'a' || SPACE(2) || 'b'", "a  b"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				return appendRepeated(to, space, f.int(0, i), "SPACE")
			}, n)}},
		{name: "LPAD", doc: "The text filled up at its start to n characters, with blanks or the third text; a longer one is cut at its end.",
			examples:  [][2]string{{"LPAD('7', 3, '0')", "007"}, {"LPAD('hi', 5, 'xy')", "xyxhi"}, {"LPAD('tidemark', 4)", "tide"}},
			overloads: []*Function{padFunction("LPAD", true)}},
		{name: "RPAD", doc: "The text filled up at its end to n characters, with blanks or the third text; a longer one is cut.",
			examples:  [][2]string{{"RPAD('hi', 5, 'xy')", "hixyx"}, {"RPAD('tidemark', 4)", "tide"}},
			overloads: []*Function{padFunction("RPAD", false)}},
		{name: "OVERLAY", doc: "The text with the characters from a 1-based place on replaced by another text: as many as that has, or as the FOR says.",
			examples: [][2]string{{"OVERLAY('Txxxxas' PLACING 'hom' FROM 2 FOR 4)", "Thomas"}, {"OVERLAY('abcdef' PLACING 'XY' FROM 3)", "abXYef"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				length := int64(utf8.RuneCount(f.text(1, i)))
				if len(f.args) == 4 {
					length = f.int(3, i)
				}
				return appendOverlaid(to, f.text(0, i), f.text(1, i), f.int(2, i), length)
			}, s, s, n, n).lastOptional(1)}},
		{name: "TRANSLATE", doc: "The text with each character of the second text replaced by the one at its place in the third, or taken out where that is shorter.",
			examples:  [][2]string{{"TRANSLATE('12345', '143', 'ax')", "a2x5"}},
			overloads: []*Function{textFunction(nil, s, s, s).perCall(translateKernel).total()}},
		{name: "INITCAP", doc: "The text with the first letter of each word in upper case and the others in lower case.",
			examples: [][2]string{{"INITCAP('hi THOMAS o''neil')", "Hi Thomas O'Neil"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				return appendCapitalized(to, f.text(0, i)), nil
			}, s).total()}},
		{name: "ASCII", aliases: []string{"UNICODE"}, doc: "The number of the first character, 0 of an empty text.",
			examples: [][2]string{{"ASCII('x')", "120"}, {"ASCII('ï')", "239"}},
			overloads: []*Function{intFunction(i32, func(f *frame, i int) (int64, error) {
				x := f.text(0, i)
				if len(x) == 0 {
					return 0, nil
				}
				r, _ := utf8.DecodeRune(x)
				return int64(r), nil
			}, s).total()}},
		{name: "CHR", aliases: []string{"CHAR"}, doc: "The character of a number.", examples: [][2]string{{"CHR(65)", "A"}, {"CHR(239)", "ï"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				switch x := f.int(0, i); {
				case x == 0:
					return to, errChrZero
				case x < 0 || x > utf8.MaxRune || !utf8.ValidRune(rune(x)):
					return to, errChrRange
				default:
					return utf8.AppendRune(to, rune(x)), nil
				}
			}, n)}},
	})
}

// appendRepeated appends s n times.
func appendRepeated(to, s []byte, n int64, name string) ([]byte, error) {
	if len(s) == 0 || n <= 0 {
		return to, nil
	}
	if n > int64(maxText/len(s)) {
		return to, errTooLong(name)
	}
	start, want := len(to), len(to)+len(s)*int(n)
	to = append(to, s...)
	for len(to) < want { // doubling
		to = append(to, to[start:start+min(len(to)-start, want-len(to))]...)
	}
	return to, nil
}

// padFunction is LPAD or RPAD.
func padFunction(name string, left bool) *Function {
	return textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
		s, n, fill := f.text(0, i), f.int(1, i), space
		if len(f.args) == 3 {
			fill = f.text(2, i)
		}
		missing := n - int64(utf8.RuneCount(s))
		if missing <= 0 || len(fill) == 0 {
			return append(to, s[:skip(s, n)]...), nil
		}
		if !left {
			to = append(to, s...)
		}
		runes := int64(utf8.RuneCount(fill))
		rest := fill[:skip(fill, missing%runes)]
		if missing/runes >= maxText || int(missing/runes)*len(fill)+len(rest)+len(s) > maxText {
			return to, errTooLong(name)
		}
		to, _ = appendRepeated(to, fill, missing/runes, name)
		to = append(to, rest...)
		if left {
			to = append(to, s...)
		}
		return to, nil
	}, data.String, data.BigInt, data.String).lastOptional(1)
}

// appendOverlaid follows PostgreSQL: a negative length takes up characters before
// the place once more.
func appendOverlaid(to, s, by []byte, from, length int64) ([]byte, error) {
	if from < 1 {
		return to, errOverlayStart
	}
	rest := from + length
	if length > 0 && rest < 0 { // overflow: nothing is left
		rest = maxLength
	}
	head, tail := s[:skip(s, from-1)], s[skip(s, rest-1):]
	if len(head)+len(by)+len(tail) > maxText {
		return to, errTooLong("OVERLAY")
	}
	return append(append(append(to, head...), by...), tail...), nil
}

// appendCapitalized appends s with each word capitalized; words are made of
// letters and digits.
func appendCapitalized(to, s []byte) []byte {
	inWord := false
	for len(s) > 0 {
		if c := s[0]; c < utf8.RuneSelf {
			switch letter := c|0x20 >= 'a' && c|0x20 <= 'z'; {
			case letter && inWord:
				c |= 0x20
			case letter:
				c &^= 0x20
			}
			inWord = isWord(rune(c))
			to, s = append(to, c), s[1:]
			continue
		}
		r, n := utf8.DecodeRune(s)
		switch {
		case r == utf8.RuneError && n == 1:
			to = append(to, s[0]) // not UTF-8: left as it is
			inWord = false
		case inWord:
			to = utf8.AppendRune(to, unicode.ToLower(r))
			inWord = isWord(r)
		default:
			to = utf8.AppendRune(to, unicode.ToUpper(r))
			inWord = isWord(r)
		}
		s = s[n:]
	}
	return to
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
