// Package format turns bytes into columns and back: csv, JSON, Avro, Protobuf, Parquet,
// plain lines, and the changes that Debezium and Tidemark write.
package format

import (
	"bytes"

	"tidemark/connectors"
)

// Framing says how a format's records are told apart.
type Framing struct {
	// CSV marks records whose quoted fields may hold line ends. For others every
	// line is a record.
	CSV bool
	// Delimiter and Quote are the csv characters; without quoting they are equal.
	Delimiter, Quote byte
	// Header says that the first record names the columns.
	Header bool
	// MaxRecord is the most bytes a record may have, without its line end.
	MaxRecord int
	// CheckHeader, if set, is called with each file's header record.
	CheckHeader func(file string, header []byte) error

	distinct bool // see distinctNames
}

// Cut returns the length of the whole records at the start of data, line ends
// included; 0 when the first one does not end in it.
func (f *Framing) Cut(data []byte) int {
	if !f.quotes() || bytes.IndexByte(data, f.Quote) < 0 {
		return bytes.LastIndexByte(data, '\n') + 1
	}
	cut := 0
	for cut < len(data) {
		end, ok := f.recordEnd(data, cut, true)
		if !ok {
			break
		}
		cut = end + 1
	}
	return cut
}

func (f *Framing) quotes() bool { return f.CSV && f.Quote != f.Delimiter }

// recordEnd returns the place of the line end that ends the record starting at
// i; false when it is not in data. A quote opens a quoted field only at the
// field's start; after a misplaced quote the record ends with its line, as in
// encoding/csv. With batch set it may return the end of a later record, as
// long as no quote lies between.
func (f *Framing) recordEnd(data []byte, i int, batch bool) (int, bool) {
	start := i
	for {
		rest := data[i:]
		q := bytes.IndexByte(rest, f.Quote)
		if q < 0 {
			q = len(rest)
		}
		// Up to the next quote every line end is a record's end.
		if batch {
			if nl := bytes.LastIndexByte(rest[:q], '\n'); nl >= 0 {
				return i + nl, true
			}
		} else if nl := bytes.IndexByte(rest[:q], '\n'); nl >= 0 {
			return i + nl, true
		}
		if q == len(rest) {
			return 0, false
		}
		i += q
		if i > start && data[i-1] != f.Delimiter {
			return lineEnd(data, i)
		}
		after, closed := closeQuote(data, i, f.Quote)
		if !closed || after == len(data) {
			return 0, false
		}
		switch c := data[after]; {
		case c == f.Delimiter, c == '\n':
		case c == '\r' && after+1 == len(data):
			return 0, false
		case c == '\r' && data[after+1] == '\n':
			after++
		default:
			return lineEnd(data, after)
		}
		if data[after] == '\n' {
			return after, true
		}
		i = after + 1
		if i < len(data) && data[i] == f.Quote {
			continue
		}
	}
}

// RecordEnd returns the place of the line end that ends the record with which data
// begin; false when it is not in data.
func (f *Framing) RecordEnd(data []byte) (int, bool) {
	if f.quotes() {
		return f.recordEnd(data, 0, false)
	}
	return lineEnd(data, 0)
}

// closeQuote returns the place after the quote that closes the one at i; false
// when there is none.
func closeQuote(data []byte, i int, quote byte) (int, bool) {
	for i++; ; i += 2 {
		q := bytes.IndexByte(data[i:], quote)
		if q < 0 {
			return 0, false
		}
		i += q
		if i+1 == len(data) || data[i+1] != quote {
			return i + 1, true
		}
		if i+2 > len(data) {
			return 0, false
		}
	}
}

func lineEnd(data []byte, i int) (int, bool) {
	nl := bytes.IndexByte(data[i:], '\n')
	return i + nl, nl >= 0
}

// skipper follows a record that is too long to be kept to its end, byte by byte
// and without memory of what it saw.
type skipper struct {
	f     *Framing
	state skipState
	lines int64 // line ends seen
}

type skipState uint8

const (
	fieldStart skipState = iota
	unquoted
	quoted
	quoteSeen // a quote in a quoted field: its end, or the first of two
	crSeen    // a carriage return after a closing quote
	toLineEnd // after a misplaced quote
)

// skip returns the number of bytes of data that belong to the record, its line
// end included, and whether it ends in data.
func (s *skipper) skip(data []byte) (int, bool) {
	if !s.f.quotes() {
		if nl := bytes.IndexByte(data, '\n'); nl >= 0 {
			s.lines++
			return nl + 1, true
		}
		return len(data), false
	}
	for i, c := range data {
		if c == '\n' {
			s.lines++
			if s.state != quoted {
				return i + 1, true
			}
			continue
		}
		s.state = s.next(c)
	}
	return len(data), false
}

func (s *skipper) next(c byte) skipState {
	switch s.state {
	case fieldStart, unquoted:
		switch {
		case c == s.f.Delimiter:
			return fieldStart
		case c != s.f.Quote:
			return unquoted
		case s.state == fieldStart:
			return quoted
		}
		return toLineEnd
	case quoted:
		if c == s.f.Quote {
			return quoteSeen
		}
		return quoted
	case quoteSeen:
		switch c {
		case s.f.Quote:
			return quoted
		case s.f.Delimiter:
			return fieldStart
		case '\r':
			return crSeen
		}
	}
	return toLineEnd
}

// tooLong is the reason given for a record above the limit.
func tooLong(limit int) string {
	return "the record is longer than max_record_bytes = " + itoa(limit)
}

// bom is the byte order mark some programs put before UTF-8 text.
var bom = []byte("\xef\xbb\xbf")

// reasonChunk fills c's results for a record that its reader has skipped.
func reasonChunk(c *connectors.Chunk, limit int) {
	c.Records, c.Lines, c.Pos = 1, c.TooLong, len(c.Data)
	record := c.Data
	if len(record) < connectors.MaxBadRecord {
		record = bytes.TrimSuffix(record, []byte("\r"))
	}
	c.AddBad(0, "", tooLong(limit), record)
}
