package data

import (
	"bytes"
	"slices"
)

// MapBuilder puts one encoded MAP after another together from entries in any
// order. It keeps its memory; the zero value is ready.
type MapBuilder struct {
	parts   []byte
	entries []mapEntry
}

// mapEntry is where an entry's key and value stand in MapBuilder.parts.
type mapEntry struct{ key, value, end int }

// Reset begins a new MAP.
func (b *MapBuilder) Reset() { b.parts, b.entries = b.parts[:0], b.entries[:0] }

// Add adds the entry of row i of keys with row j of values, and reports whether
// it could: a key may not be NULL. Of several entries with one key the last one
// counts.
func (b *MapBuilder) Add(keys *Vector, i int, values *Vector, j int) bool {
	if keys.IsNull(i) {
		return false
	}
	b.parts = AppendElement(b.parts, keys, i)
	b.endKey()
	b.parts = AppendElement(b.parts, values, j)
	b.endEntry()
	return true
}

// AddEncoded is Add for a key and a value in their encoded form, as Elements.Raw
// gives it.
func (b *MapBuilder) AddEncoded(key, value []byte) bool {
	if key[0] == nullMark {
		return false
	}
	b.parts = append(b.parts, key...)
	b.endKey()
	b.parts = append(b.parts, value...)
	b.endEntry()
	return true
}

// endKey begins an entry whose key ends where parts does.
func (b *MapBuilder) endKey() {
	b.entries = append(b.entries, mapEntry{key: b.end(), value: len(b.parts)})
}

// end is where the entries end.
func (b *MapBuilder) end() int {
	if n := len(b.entries); n > 0 {
		return b.entries[n-1].end
	}
	return 0
}

func (b *MapBuilder) endEntry() { b.entries[len(b.entries)-1].end = len(b.parts) }

// AppendTo appends the MAP of the entries added since Reset, which must be called
// before the next Add.
func (b *MapBuilder) AppendTo(dst []byte) []byte {
	slices.SortStableFunc(b.entries, func(x, y mapEntry) int { return bytes.Compare(b.key(x), b.key(y)) })
	for n, e := range b.entries {
		if n+1 < len(b.entries) && bytes.Equal(b.key(e), b.key(b.entries[n+1])) {
			continue
		}
		dst = append(dst, b.parts[e.key:e.end]...)
	}
	return append(dst, endMark)
}

func (b *MapBuilder) key(e mapEntry) []byte { return b.parts[e.key:e.value] }
