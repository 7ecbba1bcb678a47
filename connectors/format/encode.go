package format

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// Encoder turns rows into text, or into the bytes of a file. It keeps scratch memory: one goroutine at a time.
type Encoder struct {
	form      form
	columns   []encoded
	delimiter byte
	quote     byte
	special   [256]bool // csv: bytes that make quotes necessary
	quoting   bool
	header    bool
	null      []byte
	open      []byte // json: what comes before the first member
	ops       [4][]byte
	text      []byte // csv: the nested value at hand
	binary    binaryForm
	half      bool // debezium: the old row of an update was appended
}

type form uint8

const (
	formCSV form = iota
	formJSON
	formChangelog
	formDebezium
	formRaw
	formBinary
)

// binaryForm is a form that is no text.
type binaryForm interface {
	// header appends what comes before the first row.
	header(dst []byte) []byte
	// batch appends the selected rows of b.
	batch(dst []byte, b *data.Batch) []byte
	// record appends row i of the columns.
	record(dst []byte, cols []*data.Vector, i int) []byte
}

// faulty is a binaryForm that some values cannot be written in.
type faulty interface {
	// fault returns what is wrong with the first of them since the last call.
	fault() error
}

// encoded is a column and what its encoding remembers.
type encoded struct {
	kind   data.Kind
	class  data.Class
	nested bool
	lead   []byte // json: comma, name and colon
	// The last TIMESTAMP or DATE and its text: neighbours are often equal.
	last     int64
	lastText []byte
}

// NewFileEncoder is NewEncoder for all formats of files: those whose options name files
// too, which are looked for from cfg.BaseDir.
func NewFileEncoder(cfg connectors.SinkConfig) (*Encoder, error) {
	switch connectors.InferFormat(cfg.Options) {
	default:
		return NewEncoder(cfg.Schema, cfg.Options)
	case "parquet":
		p, err := newParquetEncoder(cfg.Schema, cfg.Options)
		return &Encoder{form: formBinary, binary: p}, err
	case "protobuf":
	}
	p, err := newProtoEncoder(cfg.Schema, cfg.Options, cfg.BaseDir, true)
	return &Encoder{form: formBinary, binary: p}, err
}

// NewEncoder returns the encoder that a sink's options ask for: csv, tsv, json,
// changelog-json, debezium-json, raw or the files of avro.
func NewEncoder(schema data.Schema, o connectors.Options) (*Encoder, error) {
	name, err := formatName(o, writable...)
	if err != nil {
		return nil, err
	}
	switch name {
	case "json":
		return NewJSONEncoder(schema, ""), nil
	case "changelog-json":
		return NewChangelogEncoder(schema, ""), nil
	case "debezium-json":
		return newEncoder(schema, formDebezium), nil
	case "raw":
		return newEncoder(schema, formRaw), checkRawSink(schema)
	case "avro":
		a, err := newAvroEncoder(schema, o)
		return &Encoder{form: formBinary, binary: a}, err
	}
	e := newCSVEncoder(schema)
	if e.delimiter, e.quote, err = csvCharacters(name, o); err != nil {
		return nil, err
	}
	e.quoting = e.quote != e.delimiter
	if e.header, err = o.Bool("header", true); err != nil {
		return nil, err
	}
	e.null = []byte(o.Text("null", ""))
	e.setSpecial()
	return e, nil
}

func newEncoder(schema data.Schema, f form) *Encoder {
	e := &Encoder{form: f, columns: make([]encoded, len(schema))}
	for i, c := range schema {
		col := &e.columns[i]
		col.kind, col.class, col.nested = c.Type.Kind, c.Type.Class(), c.Type.Nested()
		if i > 0 {
			col.lead = append(col.lead, ',')
		}
		col.lead = append(data.AppendJSONString(col.lead, []byte(c.Name)), ':')
	}
	return e
}

// newCSVEncoder returns an encoder for RFC 4180 text with a header.
func newCSVEncoder(schema data.Schema) *Encoder {
	e := newEncoder(schema, formCSV)
	e.delimiter, e.quote, e.quoting, e.header = ',', '"', true, true
	for i, c := range schema {
		e.columns[i].lead = []byte(c.Name)
	}
	e.setSpecial()
	return e
}

func (e *Encoder) setSpecial() {
	e.special = [256]bool{}
	e.special[e.delimiter], e.special[e.quote], e.special['\n'], e.special['\r'] = true, true, true, true
}

// NewJSONEncoder returns an encoder for one JSON object a line; a query that is
// not empty becomes its first member.
func NewJSONEncoder(schema data.Schema, query string) *Encoder {
	e := newEncoder(schema, formJSON)
	if e.open = tag(query); query != "" && len(schema) > 0 {
		e.open = append(e.open, ',')
	}
	return e
}

// NewChangelogEncoder returns an encoder for lines such as
// {"op":"+I","row":{"a":1}}; a query that is not empty becomes the first member.
func NewChangelogEncoder(schema data.Schema, query string) *Encoder {
	e := newEncoder(schema, formChangelog)
	for c := data.Insert; c <= data.Delete; c++ {
		op := tag(query)
		if query != "" {
			op = append(op, ',')
		}
		op = append(append(append(op, `"op":"`...), c.String()...), `","row":{`...)
		e.ops[c] = op
	}
	return e
}

func tag(query string) []byte {
	if query == "" {
		return []byte("{")
	}
	return data.AppendJSONString([]byte(`{"query":`), []byte(query))
}

// AppendHeader appends what comes before the first row.
func (e *Encoder) AppendHeader(dst []byte) []byte {
	if e.binary != nil {
		return e.binary.header(dst)
	}
	if e.form != formCSV || !e.header {
		return dst
	}
	for i := range e.columns {
		if i > 0 {
			dst = append(dst, e.delimiter)
		}
		dst = e.appendField(dst, e.columns[i].lead)
	}
	return append(dst, '\n')
}

// AppendFooter appends what comes behind the last row of a file.
func (e *Encoder) AppendFooter(dst []byte) ([]byte, error) {
	if p, ok := e.binary.(*parquetEncoder); ok {
		return p.footer(dst)
	}
	return dst, nil
}

// Err returns what is wrong with a row that was appended since the last call: the form
// has no place for one of its values. What was appended must not be published then.
func (e *Encoder) Err() error {
	if f, ok := e.binary.(faulty); ok {
		return f.fault()
	}
	return nil
}

// Ends reports whether a file ends with its footer: nothing can be added to it later.
func (e *Encoder) Ends() bool {
	_, ok := e.binary.(*parquetEncoder)
	return ok
}

// AppendBatch appends the selected rows of b, each with its line end.
func (e *Encoder) AppendBatch(dst []byte, b *data.Batch) []byte {
	if e.binary != nil {
		return e.binary.batch(dst, b)
	}
	for k, n := 0, b.Rows(); k < n; k++ {
		i := b.Row(k)
		dst = e.AppendRow(dst, b.Cols, i, b.Change(i))
	}
	return dst
}

// AppendRow appends row i of the columns with its line end. Only the forms of
// changes show the change. What Halves the change is followed by the row that
// completes the line.
func (e *Encoder) AppendRow(dst []byte, cols []*data.Vector, i int, change data.Change) []byte {
	switch e.form {
	case formBinary:
		return e.binary.record(dst, cols, i)
	case formCSV:
		return e.appendCSV(dst, cols, i)
	case formDebezium:
		return e.appendDebezium(dst, cols, i, change)
	case formRaw:
		return append(e.appendRaw(dst, cols[0], i), '\n')
	case formJSON:
		return append(e.appendMembers(append(dst, e.open...), cols, i), '}', '\n')
	}
	return append(e.appendMembers(append(dst, e.ops[change]...), cols, i), '}', '}', '\n')
}

// Halves reports whether a row with the change is only the first half of a record,
// which the row after it completes: in Debezium's, both rows of an update are one.
func (e *Encoder) Halves(change data.Change) bool {
	return e.form == formDebezium && change == data.UpdateBefore
}

// appendMembers appends the members of a JSON object of row i, without braces.
func (e *Encoder) appendMembers(dst []byte, cols []*data.Vector, i int) []byte {
	for k := range e.columns {
		c, v := &e.columns[k], cols[k]
		dst = append(dst, c.lead...)
		if v.IsNull(i) {
			dst = append(dst, "null"...)
			continue
		}
		dst = c.appendJSON(dst, v, i)
	}
	return dst
}

// appendDebezium appends a change as Debezium writes it: the first half of an update,
// or a whole line.
func (e *Encoder) appendDebezium(dst []byte, cols []*data.Vector, i int, change data.Change) []byte {
	switch {
	case change == data.UpdateBefore:
		e.half = true
		dst = e.appendMembers(append(dst, `{"before":{`...), cols, i)
		return append(dst, `},"after":`...)
	case change == data.Delete:
		dst = e.appendMembers(append(dst, `{"before":{`...), cols, i)
		return append(dst, "},\"after\":null,\"op\":\"d\"}\n"...)
	case !e.half:
		dst = append(dst, `{"before":null,"after":`...)
	}
	e.half = false
	dst = e.appendMembers(append(dst, '{'), cols, i)
	if change == data.UpdateAfter {
		return append(dst, "},\"op\":\"u\"}\n"...)
	}
	return append(dst, "},\"op\":\"c\"}\n"...)
}

// appendRaw appends the text of a value; NULL is no text.
func (e *Encoder) appendRaw(dst []byte, v *data.Vector, i int) []byte {
	if v.IsNull(i) {
		return dst
	}
	if c := &e.columns[0]; c.class != data.ClassBytes || c.nested {
		return c.appendPlain(dst, v, i)
	}
	return append(dst, v.Text(i)...)
}

// checkRawSink tests that there is one column to write.
func checkRawSink(schema data.Schema) error {
	if len(schema) != 1 {
		return &connectors.OptionError{Option: "format", Message: fmt.Sprintf("format = 'raw' writes one value a record, and the sink has %d columns", len(schema)),
			Hint: "declare one column, for example line STRING, and write for example JSON_OBJECT(…) into it"}
	}
	return nil
}

func (e *Encoder) appendCSV(dst []byte, cols []*data.Vector, i int) []byte {
	for k := range e.columns {
		if k > 0 {
			dst = append(dst, e.delimiter)
		}
		c, v := &e.columns[k], cols[k]
		switch {
		case v.IsNull(i):
			dst = append(dst, e.null...)
		case c.class == data.ClassBytes && (c.kind != data.Bytes || len(v.Text(i)) == 0):
			text := v.Text(i)
			if c.nested {
				e.text = data.AppendText(e.text[:0], v, i)
				text = e.text
			}
			dst = e.appendField(dst, text)
		default:
			dst = c.appendPlain(dst, v, i)
		}
	}
	return append(dst, '\n')
}

// appendField appends a text, quoted where it would not be read back as it is.
func (e *Encoder) appendField(dst, text []byte) []byte {
	quote := len(text) == len(e.null) && string(text) == string(e.null)
	for _, c := range text {
		if e.special[c] {
			quote = true
			break
		}
	}
	if !quote || !e.quoting {
		return append(dst, text...)
	}
	dst = append(dst, e.quote)
	for {
		q := bytes.IndexByte(text, e.quote)
		if q < 0 {
			break
		}
		dst = append(append(dst, text[:q+1]...), e.quote)
		text = text[q+1:]
	}
	return append(append(dst, text...), e.quote)
}

// appendPlain appends a value whose text never needs quotes.
func (c *encoded) appendPlain(dst []byte, v *data.Vector, i int) []byte {
	switch c.kind {
	case data.Int, data.BigInt:
		return strconv.AppendInt(dst, v.Ints[v.Index(i)], 10)
	case data.Timestamp, data.Date:
		x := v.Ints[v.Index(i)]
		if x != c.last || c.lastText == nil {
			c.last, c.lastText = x, data.AppendText(c.lastText[:0], v, i)
		}
		return append(dst, c.lastText...)
	}
	return data.AppendText(dst, v, i)
}

func (c *encoded) appendJSON(dst []byte, v *data.Vector, i int) []byte {
	switch c.kind {
	case data.String:
		return data.AppendJSONString(dst, v.Text(i))
	case data.JSON, data.Bytes, data.Array, data.Map, data.Row:
		return data.AppendJSON(dst, v, i)
	case data.Int, data.BigInt, data.Boolean, data.Decimal, data.Unknown:
		return c.appendPlain(dst, v, i)
	case data.Double:
		if f := v.Floats[v.Index(i)]; !math.IsNaN(f) && !math.IsInf(f, 0) {
			return c.appendPlain(dst, v, i)
		}
	}
	return append(c.appendPlain(append(dst, '"'), v, i), '"')
}
