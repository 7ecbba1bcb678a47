package format

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

const noPair = "both halves of a surrogate pair are expected"

// halfPair returns the place of an escape in a JSON text that is half of a
// surrogate pair without the other, or -1. The text has been scanned.
func halfPair(text []byte) int {
	for i := 0; ; {
		k := bytes.IndexByte(text[i:], '\\')
		if k < 0 {
			return -1
		}
		if i += k; text[i+1] != 'u' {
			i += 2
			continue
		}
		high := hex4(text[i+2 : i+6])
		next := i + 6
		if utf16.IsSurrogate(high) {
			if next+6 > len(text) || text[next] != '\\' || text[next+1] != 'u' || utf16.DecodeRune(high, hex4(text[next+2:next+6])) == utf8.RuneError {
				return i
			}
			next += 6
		}
		i = next
	}
}
