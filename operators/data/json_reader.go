package data

// MaxJSONDepth is how deep arrays and objects may stand in each other in a text
// that is read as JSON.
const MaxJSONDepth = maxJSONDepth

// JSONReader walks over a JSON text, checking it. Half of a surrogate pair in an
// escape is no character, and so not JSON. Where a method says that the text is
// not JSON, the reader is of no more use for it. One goroutine at a time.
type JSONReader struct{ r jsonReader }

// Reset sets the reader in front of the value that text is. The text stays the
// caller's and must not change while it is read.
func (j *JSONReader) Reset(text []byte) {
	j.r.d, j.r.i = text, 0
}

// Peek returns the next byte that is no white space, or 0 at the end.
func (j *JSONReader) Peek() byte { return j.r.peek() }

// Take goes past c, and white space in front of it, if it comes next.
func (j *JSONReader) Take(c byte) bool { return j.r.take(c) }

// AtEnd reports whether there is nothing left but white space.
func (j *JSONReader) AtEnd() bool { return j.r.atEnd() }

// Raw goes past the next value and returns it as it is written; ok is false where
// there is none.
func (j *JSONReader) Raw() (value []byte, ok bool) { return j.r.raw() }

// Text goes past the next value, a string, and returns its characters, which
// belong to the text or, until the next call, to the reader.
func (j *JSONReader) Text() (text []byte, ok bool) {
	if j.r.peek() != '"' {
		return nil, false
	}
	return j.r.text()
}

// Valid reports whether the whole of the text is one JSON value.
func (j *JSONReader) Valid() bool { return j.r.skip(0) && j.r.atEnd() }
