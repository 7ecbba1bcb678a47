package expr

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

var (
	errNegativeLength = errors.New("the length of a SUBSTRING is negative")
	errPartZero       = errors.New("SPLIT_PART counts from 1, or from the end with negative numbers; 0 is no part")
)

// The functions that can make a long text of short ones refuse to: maxText is
// the most bytes they give for a row, and maxTexts the most that any function
// gives for all rows of a batch, whose places are kept in 32 bits.
const (
	maxText  = 16 << 20
	maxTexts = 1 << 30
)

var errTooMuchText = errors.New("the texts of one batch of rows come to more than 1 GiB, the limit of a column")

// errTooLong says that a function was asked for more than maxText.
func errTooLong(name string) error {
	return fmt.Errorf("the result of %s would be longer than 16 MiB, the limit of a text that is put together", name)
}

// maxLength asks substring for the rest of the text.
const maxLength = math.MaxInt64

// skip returns the bytes that the first n characters of s take.
func skip(s []byte, n int64) int {
	if n <= 0 {
		return 0
	}
	at := 0
	for ; n > 0 && at < len(s); n-- {
		if s[at] < utf8.RuneSelf {
			at++
			continue
		}
		_, size := utf8.DecodeRune(s[at:])
		at += size
	}
	return at
}

// skipBack returns where the last n characters of s begin.
func skipBack(s []byte, n int64) int {
	at := len(s)
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRune(s[:at])
		at -= size
	}
	return at
}

// substring follows the standard: places before the first count against length.
func substring(s []byte, from, length int64) []byte {
	if from < 1 {
		if length != maxLength {
			// from + length - 1 characters are left; it cannot overflow here, as
			// length is not negative and from is.
			length += from - 1
		}
		from = 1
	}
	s = s[skip(s, from-1):]
	return s[:skip(s, length)]
}

func leftText(s []byte, n int64) []byte {
	if n < 0 {
		return s[:skipBack(s, negated(n))]
	}
	return s[:skip(s, n)]
}

func rightText(s []byte, n int64) []byte {
	if n < 0 {
		return s[skip(s, negated(n)):]
	}
	return s[skipBack(s, n):]
}

// negated is -n for a negative n, without overflow.
func negated(n int64) int64 {
	if n == math.MinInt64 {
		return math.MaxInt64
	}
	return -n
}

// position returns the 1-based character place of sub in s, or 0.
func position(s, sub []byte) int64 {
	i := bytes.Index(s, sub)
	if i < 0 {
		return 0
	}
	return int64(utf8.RuneCount(s[:i])) + 1
}

// appendReplaced appends s with every old replaced; an empty old replaces nothing.
func appendReplaced(to, s, old, by []byte) ([]byte, error) {
	if len(old) == 0 {
		return append(to, s...), nil
	}
	most := len(to) + max(maxText, len(s))
	for {
		i := bytes.Index(s, old)
		if i < 0 {
			return append(to, s...), nil
		}
		to = append(append(to, s[:i]...), by...)
		if len(to) > most {
			return to, errTooLong("REPLACE")
		}
		s = s[i+len(old):]
	}
}

// splitPart returns the n-th part, or an empty text when there are fewer.
func splitPart(s, sep []byte, n int64) []byte {
	if len(sep) == 0 {
		if n == 1 || n == -1 {
			return s
		}
		return nil
	}
	if n > 0 {
		for ; n > 1; n-- {
			i := bytes.Index(s, sep)
			if i < 0 {
				return nil
			}
			s = s[i+len(sep):]
		}
		if i := bytes.Index(s, sep); i >= 0 {
			return s[:i]
		}
		return s
	}
	// Parts are counted from the left also here: 'aXXXb' by 'XX' is a, Xb.
	parts := int64(bytes.Count(s, sep)) + 1
	if -n > parts || n == math.MinInt64 {
		return nil
	}
	return splitPart(s, sep, parts+n+1)
}

func appendReversed(to, s []byte) []byte {
	for at := len(s); at > 0; {
		_, n := utf8.DecodeLastRune(s[:at])
		to = append(to, s[at-n:at]...)
		at -= n
	}
	return to
}

// trimText takes the characters of cut from the ends of s.
func trimText(s, cut []byte, left, right bool) []byte {
	if len(cut) > longCut {
		return trimMany(s, cut, left, right)
	}
	for left && len(s) > 0 {
		_, n := utf8.DecodeRune(s)
		if !hasChar(cut, s[:n]) {
			break
		}
		s = s[n:]
	}
	for right && len(s) > 0 {
		_, n := utf8.DecodeLastRune(s)
		if !hasChar(cut, s[len(s)-n:]) {
			break
		}
		s = s[:len(s)-n]
	}
	return s
}

// longCut is the length of a set of characters from which looking one up in a map
// is worth making that.
const longCut = 64

// trimMany is trimText for a large set, in a time that does not grow with the
// product of both lengths.
func trimMany(s, cut []byte, left, right bool) []byte {
	set := map[string]bool{}
	for len(cut) > 0 {
		_, n := utf8.DecodeRune(cut)
		set[string(cut[:n])] = true
		cut = cut[n:]
	}
	for left && len(s) > 0 {
		_, n := utf8.DecodeRune(s)
		if !set[string(s[:n])] {
			break
		}
		s = s[n:]
	}
	for right && len(s) > 0 {
		_, n := utf8.DecodeLastRune(s)
		if !set[string(s[len(s)-n:])] {
			break
		}
		s = s[:len(s)-n]
	}
	return s
}

// hasChar reports whether the encoded character c is among those of set.
func hasChar(set, c []byte) bool {
	for len(set) > 0 {
		_, n := utf8.DecodeRune(set)
		if bytes.Equal(set[:n], c) {
			return true
		}
		set = set[n:]
	}
	return false
}

// locate is position, but it looks from the character at from on; MySQL and
// Flink find nothing from a place that is none.
func locate(s, sub []byte, from int64) int64 {
	if from < 1 {
		return 0
	}
	start := skip(s, from-1)
	if start == len(s) && from-1 > int64(utf8.RuneCount(s)) {
		return 0
	}
	at := position(s[start:], sub)
	if at == 0 {
		return 0
	}
	return from - 1 + at
}

// splitIndex is a row of SPLIT_INDEX.
func splitIndex(f *frame, i int, to []byte) ([]byte, error) {
	s, sep, n := f.text(0, i), f.text(1, i), f.int(2, i)
	for ; n > 0; n-- {
		k := bytes.Index(s, sep)
		if k < 0 || len(sep) == 0 {
			f.setNull(i)
			return to, nil
		}
		s = s[k+len(sep):]
	}
	if n < 0 {
		f.setNull(i)
		return to, nil
	}
	if k := bytes.Index(s, sep); k >= 0 && len(sep) > 0 {
		s = s[:k]
	}
	return append(to, s...), nil
}
