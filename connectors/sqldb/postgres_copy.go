package sqldb

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// pgForm says how the values of a column are written for COPY.
type pgForm uint8

const (
	pgPlain   pgForm = iota // their text, in which nothing has to be escaped
	pgText                  // bytes that are a text
	pgHex                   // bytes as bytea
	pgArray                 // an ARRAY as an array
	pgEscaped               // their text
)

// pgFormOf returns the form of values of a type for a column of a table.
func pgFormOf(t data.Type, c tableColumn) pgForm {
	switch t.Kind {
	case data.String, data.JSON:
		return pgText
	case data.Bytes:
		if c.typ == "bytea" {
			return pgHex
		}
	case data.Array:
		if c.array {
			return pgArray
		}
	case data.Map, data.Row:
	default:
		return pgPlain
	}
	return pgEscaped
}

// copyReader hands out rows in the text form of COPY. The driver reads it in a
// goroutine that may go on after COPY has failed: stop ends that.
type copyReader struct {
	schema  data.Schema
	forms   []pgForm
	columns []int

	mu      sync.Mutex
	p       *connectors.Pending
	rows    []int32
	deletes bool // the rows that are deleted, or the others
	next    int
	out     []byte // out[at:] is not read yet
	at      int
	scratch []byte
	element []byte
	one     data.Vector
	fault   *rowFault
}

var errStopped = errors.New("stopped")

// Read implements io.Reader.
func (r *copyReader) Read(to []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.p == nil {
		return 0, errStopped
	}
	if r.at == len(r.out) {
		r.out, r.at = r.out[:0], 0
		for ; r.next < len(r.rows) && len(r.out) < len(to); r.next++ {
			row := r.rows[r.next]
			if r.p.Deletes[row] != r.deletes {
				continue
			}
			if !r.row(int(row)) {
				return 0, r.fault
			}
		}
		if len(r.out) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(to, r.out[r.at:])
	r.at += n
	return n, nil
}

// start has the reader hand out those of rows that are deleted, or the others.
func (r *copyReader) start(p *connectors.Pending, rows []int32, deletes bool, columns []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p, r.rows, r.deletes, r.columns, r.next, r.at, r.fault = p, rows, deletes, columns, 0, 0, nil
	r.out = r.out[:0]
}

// stop ends the reading, and returns what is wrong with a row that had no text form.
func (r *copyReader) stop() *rowFault {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p, r.rows = nil, nil
	return r.fault
}

// row appends a row to out.
func (r *copyReader) row(i int) bool {
	for k, c := range r.columns {
		if k > 0 {
			r.out = append(r.out, '\t')
		}
		v := r.p.Rows[c]
		if v.IsNull(i) {
			r.out = append(r.out, `\N`...)
			continue
		}
		ok := true
		switch r.forms[c] {
		case pgPlain:
			r.out = data.AppendText(r.out, v, i)
		case pgText:
			r.out, ok = appendEscaped(r.out, v.Text(i))
		case pgHex:
			r.out = hex.AppendEncode(append(r.out, `\\x`...), v.Text(i))
		case pgArray:
			r.scratch = r.appendArray(r.scratch[:0], v.Type, v.Text(i))
			r.out, ok = appendEscaped(r.out, r.scratch)
		default:
			r.scratch = data.AppendText(r.scratch[:0], v, i)
			r.out, ok = appendEscaped(r.out, r.scratch)
		}
		if !ok {
			r.fault = &rowFault{fmt.Sprintf("column %s has a NUL byte", r.schema[c].Name),
				fmt.Sprintf("PostgreSQL has no NUL in texts: take it out with REPLACE(%s, CHR(0), ''), or store the column as BYTES", r.schema[c].Name)}
			return false
		}
	}
	r.out = append(r.out, '\n')
	return true
}

// appendEscaped appends a text as COPY wants it; false when it has a NUL.
func appendEscaped(dst, text []byte) ([]byte, bool) {
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '\\' {
			continue
		}
		switch c {
		case 0:
			return dst, false
		case '\\':
		case '\n':
			c = 'n'
		case '\r':
			c = 'r'
		case '\t':
			c = 't'
		default:
			continue
		}
		dst = append(append(dst, text[from:i]...), '\\', c)
		from = i + 1
	}
	return append(dst, text[from:]...), true
}

// appendArray appends an encoded ARRAY as PostgreSQL writes arrays.
func (r *copyReader) appendArray(dst []byte, t data.Type, array []byte) []byte {
	dst = append(dst, '{')
	first := true
	for e := data.Walk(t, array); e.Next(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		switch {
		case e.IsNull():
			dst = append(dst, "NULL"...)
		case e.Type().Kind == data.Array:
			dst = r.appendArray(dst, e.Type(), e.Value())
		default:
			dst = r.appendElement(dst, &e)
		}
	}
	return append(dst, '}')
}

// appendElement appends an element, within quotes where they may be needed.
func (r *copyReader) appendElement(dst []byte, e *data.Elements) []byte {
	r.one.Reset(e.Type())
	e.Append(&r.one)
	if r.one.Type.Class() != data.ClassBytes {
		return data.AppendText(dst, &r.one, 0)
	}
	r.element = appendPgText(r.element[:0], &r.one, 0)
	return appendQuoted(dst, r.element)
}

// appendQuoted appends a text as an element of an array.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// appendPgText appends a value, which is not NULL, as PostgreSQL reads it: its text,
// but bytes in hex.
func appendPgText(dst []byte, v *data.Vector, i int) []byte {
	if v.Type.Kind == data.Bytes {
		return hex.AppendEncode(append(dst, `\x`...), v.Text(i))
	}
	return data.AppendText(dst, v, i)
}
