package format

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	parquet "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	pq "github.com/parquet-go/parquet-go/format"

	"tidemark/operators/data"
)

// denseValues are the values of a page, or of a dictionary, without the NULLs
// between them.
type denseValues struct {
	v data.Vector
	// bad says of values that cannot be had what is wrong with them; nil when there
	// are none. They have a place in v all the same.
	bad map[int]string
}

func (d *denseValues) reset(t data.Type) {
	d.v.Reset(t)
	d.bad = nil
}

func (d *denseValues) fault(i int, reason string) {
	if d.bad == nil {
		d.bad = map[int]string{}
	}
	d.bad[i] = reason
}

// leafReader turns the values of one leaf into those of its type.
type leafReader struct {
	typ     data.Type
	element *pq.SchemaElement
	unit    timeUnit
	zone    *data.Zone // of local times; nil is UTC
	scratch []parquet.Value
}

// newLeafReader returns a reader of the values of a leaf that is declared as typ:
// texts that are declared as BYTES need not be UTF-8.
func newLeafReader(f *parquetField, typ data.Type, set *settings) *leafReader {
	r := &leafReader{typ: f.typ, element: f.element, unit: unitOf(f.element)}
	if typ.Kind == data.Bytes && f.typ.Class() == data.ClassBytes && f.element.Type.V == pq.ByteArray {
		r.typ = typ
	}
	if r.unit.local && set.zone.String() != "UTC" {
		r.zone = data.NewZone(set.zone)
	}
	return r
}

// page reads the values of a page into d.
func (r *leafReader) page(d *denseValues, p parquet.Page) error {
	d.reset(r.typ)
	if p.NumValues() == p.NumNulls() {
		return nil
	}
	if r.element.Type.V == pq.Boolean {
		return r.bools(d, p.Values())
	}
	values := p.Data()
	r.read(d, &values)
	return nil
}

func (r *leafReader) bools(d *denseValues, values parquet.ValueReader) error {
	if r.scratch == nil {
		r.scratch = make([]parquet.Value, 512)
	}
	for {
		n, err := values.ReadValues(r.scratch)
		for _, v := range r.scratch[:n] {
			if !v.IsNull() {
				d.v.AppendBool(v.Boolean())
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil || n == 0 {
			return err
		}
	}
}

func (r *leafReader) read(d *denseValues, values *encoding.Values) {
	switch r.element.Type.V {
	case pq.Int32:
		r.int32s(d, values)
	case pq.Int64:
		r.int64s(d, values.Int64())
	case pq.Int96:
		for _, x := range values.Int96() {
			const julian1970 = 2440588
			nanos := int64(x[1])<<32 | int64(x[0])
			us, ok := addDays(nanos/1000, int64(x[2])-julian1970)
			r.appendTime(d, us, ok)
		}
	case pq.Float:
		for _, x := range values.Float() {
			d.v.AppendFloat(float64(x))
		}
	case pq.Double:
		d.v.Floats = append(d.v.Floats, values.Double()...)
	case pq.ByteArray:
		text, offsets := values.ByteArray()
		r.texts(d, text, offsets)
	case pq.FixedLenByteArray:
		text, size := values.FixedLenByteArray()
		for i := 0; size > 0 && i+size <= len(text); i += size {
			r.bytes(d, text[i:i+size])
		}
	}
}

func (r *leafReader) int32s(d *denseValues, values *encoding.Values) {
	switch {
	case r.typ.Class() == data.ClassWide:
		for _, x := range values.Int32() {
			d.v.AppendWide(data.Wide(int64(x)))
		}
	case unsigned(r.element):
		for _, x := range values.Uint32() {
			d.v.AppendInt(int64(x))
		}
	case r.typ.Kind == data.Time:
		for _, x := range values.Int32() {
			r.appendClock(d, int64(x))
		}
	default:
		for i, x := range values.Int32() {
			d.v.AppendInt(int64(x))
			if r.typ.Kind == data.Date && !data.IsDate(int64(x)) {
				d.fault(i, fmt.Sprintf("day %d from 1970 is out of range for DATE", x))
			}
		}
	}
	r.checkDecimals(d)
}

func (r *leafReader) int64s(d *denseValues, values []int64) {
	switch {
	case r.typ.Kind == data.Timestamp && r.unit == (timeUnit{mul: 1, div: 1}) && allTimes(values):
		d.v.Ints = append(d.v.Ints, values...)
	case r.typ.Kind == data.Timestamp:
		for _, x := range values {
			us, ok := x, true
			if r.unit.div > 1 {
				us = data.FloorDiv(x, r.unit.div)
			} else if us = x * r.unit.mul; us/r.unit.mul != x {
				ok = false
			}
			r.appendTime(d, us, ok)
		}
	case r.typ.Kind == data.Time:
		for _, x := range values {
			r.appendClock(d, x)
		}
	case unsigned(r.element):
		for _, x := range values {
			d.v.AppendWide(data.Int128{Lo: uint64(x)})
		}
	case r.typ.Class() == data.ClassWide:
		for _, x := range values {
			d.v.AppendWide(data.Wide(x))
		}
	default:
		d.v.Ints = append(d.v.Ints, values...)
	}
	r.checkDecimals(d)
}

// allTimes reports whether all values are instants that a TIMESTAMP has.
func allTimes(values []int64) bool {
	for _, x := range values {
		if !data.IsTimestamp(x) {
			return false
		}
	}
	return true
}

// addDays returns us moved by days; ok is false for one that does not fit.
func addDays(us, days int64) (sum int64, ok bool) {
	if days < 2*data.FirstDate || days > 2*data.LastDate {
		return 0, false
	}
	return us + days*data.Day, true
}

// appendTime appends an instant, or a local time.
func (r *leafReader) appendTime(d *denseValues, us int64, ok bool) {
	if ok = ok && data.IsTimestamp(us); ok && r.zone != nil {
		us, _ = r.zone.Instant(us)
	}
	if !ok || !data.IsTimestamp(us) {
		d.fault(len(d.v.Ints), "the time is out of range for TIMESTAMP")
		us = 0
	}
	d.v.AppendInt(us)
}

// appendClock appends a time of the day.
func (r *leafReader) appendClock(d *denseValues, x int64) {
	us := x / r.unit.div
	if us < 0 || us >= data.Day/r.unit.mul {
		d.fault(len(d.v.Ints), fmt.Sprintf("%d is no time of the day", x))
		us = 0
	}
	d.v.AppendInt(us * r.unit.mul)
}

// checkDecimals notes the numbers that have more digits than their type.
func (r *leafReader) checkDecimals(d *denseValues) {
	if r.typ.Kind != data.Decimal {
		return
	}
	precision := int(r.typ.Precision)
	limit := int64(math.MaxInt64)
	if precision <= data.ShortPrecision {
		limit = powers[precision]
	}
	for i, x := range d.v.Ints {
		if x >= limit || x <= -limit {
			r.tooWide(d, i)
		}
	}
	for i, w := range d.v.Wides {
		if !w.FitsPrecision(precision) {
			r.tooWide(d, i)
		}
	}
}

func (r *leafReader) tooWide(d *denseValues, i int) {
	d.fault(i, "the number has more digits than "+r.typ.String())
	if d.v.Ints != nil {
		d.v.Ints[i] = 0
	} else {
		d.v.Wides[i] = data.Int128{}
	}
}

// texts reads byte arrays.
func (r *leafReader) texts(d *denseValues, text []byte, offsets []uint32) {
	if r.typ.Class() != data.ClassBytes {
		for i := 1; i < len(offsets); i++ {
			r.bytes(d, text[offsets[i-1]:offsets[i]])
		}
		return
	}
	if len(offsets) == 0 {
		return
	}
	base := offsets[0]
	d.v.Bytes = append(d.v.Bytes, text[base:offsets[len(offsets)-1]]...)
	for _, o := range offsets[1:] {
		d.v.Offsets = append(d.v.Offsets, o-base)
	}
	if r.typ.Kind != data.Bytes {
		checkTexts(d)
	}
}

// checkTexts notes the texts that are not UTF-8: none, when all of them together
// are and each begins with the first byte of a character.
func checkTexts(d *denseValues) {
	v := &d.v
	good := utf8.Valid(v.Bytes)
	for _, at := range v.Offsets {
		good = good && (int(at) == len(v.Bytes) || utf8.RuneStart(v.Bytes[at]))
	}
	for i := 0; !good && i < v.Len(); i++ {
		if !utf8.Valid(v.Text(i)) {
			d.fault(i, notUTF8)
		}
	}
}

const notUTF8 = "the text is not valid UTF-8"

// bytes reads one value that is a run of bytes.
func (r *leafReader) bytes(d *denseValues, b []byte) {
	switch r.typ.Kind {
	case data.Decimal:
		r.appendDecimal(d, b)
	case data.Interval: // months, days and milliseconds
		if len(b) == 12 {
			months, days, ms := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
			d.v.AppendWide(data.NewInterval(int64(months), int64(days)*data.Day+int64(ms)*1000))
			return
		}
		d.fault(d.v.Len(), "an INTERVAL has twelve bytes")
		d.v.AppendWide(data.Int128{})
	case data.Double:
		d.v.AppendFloat(halfFloat(b))
	case data.String:
		if _, uuid := r.element.LogicalType.Value.(*pq.UUIDType); uuid && len(b) == 16 {
			d.v.AppendText(appendUUID(nil, b))
			return
		}
		if !utf8.Valid(b) {
			d.fault(d.v.Len(), notUTF8)
		}
		d.v.AppendText(b)
	default:
		d.v.AppendText(b)
	}
}

// decimalBytes reads a big-endian number in two's complement; ok is false when it has
// more digits than the precision.
func decimalBytes(b []byte, precision int) (w data.Int128, ok bool) {
	sign := byte(0)
	if len(b) > 0 && b[0] >= 0x80 {
		sign = 0xff
	}
	for len(b) > 16 && b[0] == sign { // more than it needs
		b = b[1:]
	}
	w = data.Int128{Hi: int64(int8(sign)), Lo: uint64(int64(int8(sign)))}
	ok = len(b) <= 16
	for _, c := range b[:min(len(b), 16)] {
		w.Hi, w.Lo = w.Hi<<8|int64(w.Lo>>56), w.Lo<<8|uint64(c)
	}
	return w, ok && w.FitsPrecision(precision)
}

func (r *leafReader) appendDecimal(d *denseValues, b []byte) {
	w, ok := decimalBytes(b, int(r.typ.Precision))
	if !ok {
		w = data.Int128{}
		d.fault(d.v.Len(), "the number has more digits than "+r.typ.String())
	}
	if r.typ.Class() == data.ClassInt {
		x, _ := w.Int64()
		d.v.AppendInt(x)
		return
	}
	d.v.AppendWide(w)
}

func appendUUID(dst, b []byte) []byte {
	for i, part := range [...][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// halfFloat returns the value of an IEEE 754 binary16.
func halfFloat(b []byte) float64 {
	if len(b) != 2 {
		return math.NaN()
	}
	h := binary.LittleEndian.Uint16(b)
	f, exponent := float64(h&0x3ff), int(h>>10&0x1f)
	switch exponent {
	case 0:
		f = math.Ldexp(f, -24)
	case 0x1f:
		if f != 0 {
			return math.NaN()
		}
		f = math.Inf(1)
	default:
		f = math.Ldexp(f+1024, exponent-25)
	}
	if h >= 0x8000 {
		return -f
	}
	return f
}
