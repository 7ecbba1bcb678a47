package datagen

import (
	"fmt"
	"math"
	"math/bits"
	"sort"
	"strconv"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// kinds are the ways to make values.
var kinds = []string{"sequence", "random", "zipf", "choice", "timestamp"}

// generator makes the values of one column. It is not changed once made.
type generator struct {
	typ    data.Type
	kind   string
	seed   uint64
	min    int64 // in the type's own unit
	span   uint64
	low    float64
	width  float64
	start  int64
	step   int64
	jitter uint64
	length int
	prefix string
	zipf   []float64    // cumulative probabilities
	values *data.Vector // choices
	null   float64
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, 2014): it turns
// neighbouring numbers into independent ones.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// fields reads the options of one column.
type fields struct {
	column string
	o      connectors.Options
}

func (f fields) name(option string) string { return "fields." + f.column + "." + option }

// value parses an option as a value of type t, into the unit the type is stored in.
func (f fields) value(option string, t data.Type, def int64) (int64, error) {
	text, ok := f.o.Get(f.name(option))
	if !ok {
		return def, nil
	}
	v := data.NewConst(t)
	if err := data.NewTextParser(t, nil).Append(v, []byte(text)); err != nil {
		return 0, &connectors.OptionError{Option: f.name(option), Message: f.name(option) + ": " + err.Error()}
	}
	return v.Ints[0], nil
}

// newGenerator reads the options fields.NAME.* of a column.
func newGenerator(c data.Column, o connectors.Options, seed uint64, rate float64) (*generator, error) {
	g := &generator{typ: c.Type, seed: seed}
	f := fields{c.Name, o}
	def := "random"
	switch {
	case o.Has(f.name("values")):
		def = "choice"
	case o.Has(f.name("step")) && c.Type.Kind != data.Timestamp:
		def = "sequence"
	case c.Type.Kind == data.Timestamp && !o.Has(f.name("max")):
		def = "timestamp"
	}
	var err error
	if g.kind, err = o.Enum(f.name("kind"), def, kinds...); err != nil {
		return nil, err
	}
	if g.null, err = o.Number(f.name("null_rate"), 0, 0); err != nil {
		return nil, err
	}
	g.prefix = o.Text(f.name("prefix"), "")
	length, err := o.Int(f.name("length"), 8, 0, 1<<20)
	if err != nil {
		return nil, err
	}
	g.length = int(length)
	if err := g.fits(c); err != nil {
		return nil, err
	}
	if g.kind == "choice" {
		return g, g.readValues(f)
	}
	return g, g.readRange(f, rate)
}

// fits refuses kinds that cannot make values of the column's type.
func (g *generator) fits(c data.Column) error {
	ok := true
	switch g.typ.Kind {
	case data.String:
		ok = g.kind != "timestamp"
	case data.Timestamp:
	case data.Boolean, data.Double, data.Bytes:
		ok = g.kind == "random" || g.kind == "choice"
	default:
		ok = g.kind == "choice" || g.kind != "timestamp" && g.typ.Class() == data.ClassInt
	}
	if ok {
		return nil
	}
	return &connectors.OptionError{Option: "fields." + c.Name + ".kind", Message: fmt.Sprintf("column %s: values of type %s cannot be made as %s", c.Name, c.Type, g.kind),
		Hint: "kind = 'choice' with values = '…' works for every type"}
}

func (g *generator) readValues(f fields) error {
	text, ok := f.o.Get(f.name("values"))
	if !ok {
		return &connectors.OptionError{Option: f.name("kind"), Message: "kind = 'choice' needs " + f.name("values"), Hint: "write for example 'a,b,c'"}
	}
	g.values = &data.Vector{}
	g.values.Reset(g.typ)
	p := data.NewTextParser(g.typ, nil)
	for _, s := range strings.Split(text, ",") {
		if err := p.Append(g.values, []byte(strings.TrimSpace(s))); err != nil {
			return &connectors.OptionError{Option: f.name("values"), Message: f.name("values") + ": " + err.Error()}
		}
	}
	return nil
}

// pow10 returns 10^n for a small n.
func pow10(n int) int64 {
	x := int64(1)
	for ; n > 0; n-- {
		x *= 10
	}
	return x
}

// readRange reads the bounds and steps of numbers and times.
func (g *generator) readRange(f fields, rate float64) error {
	t := g.typ
	if t.Kind == data.Double {
		var err error
		if g.low, err = f.o.Number(f.name("min"), 0, -math.MaxFloat64); err != nil {
			return err
		}
		high, err := f.o.Number(f.name("max"), g.low+1, g.low)
		g.width = high - g.low
		return err
	}
	if t.Class() == data.ClassBytes {
		t = data.Of(data.BigInt) // the number a text is made from
	}
	if t.Class() != data.ClassInt {
		return nil
	}
	least, most, first, step := int64(0), int64(999_999), int64(0), int64(1)
	const year2026 = 1767225600 * 1e6
	switch t.Kind {
	case data.Decimal:
		one := pow10(int(t.Scale))
		step, most = one, min(1000*one, pow10(int(t.Precision)))-1
	case data.Timestamp:
		least, most, first, step = year2026, year2026+365*86400*1e6, year2026, 1e6
		if rate > 0 {
			step = max(1, int64(1e6/rate))
		}
	case data.Date:
		least, most, first = 20454, 20454+364, 20454 // the days of 2026
	case data.Time:
		most, step = 86400*1e6-1, 1e6
	}
	if t.Kind == data.Timestamp || t.Kind == data.Time {
		d, err := f.o.Duration(f.name("step"), 0)
		if err != nil {
			return err
		}
		if d > 0 {
			step = d.Microseconds()
		}
	} else {
		var err error
		unit := t
		if t.Kind == data.Date {
			unit = data.Of(data.BigInt)
		}
		if step, err = f.value("step", unit, step); err != nil {
			return err
		}
	}
	var err error
	if g.min, err = f.value("min", t, least); err != nil {
		return err
	}
	high, err := f.value("max", t, max(most, g.min))
	if err != nil {
		return err
	}
	if high < g.min {
		return &connectors.OptionError{Option: f.name("max"), Message: f.name("max") + " is less than " + f.name("min")}
	}
	g.span = uint64(high-g.min) + 1
	if g.start, err = f.value("start", t, first); err != nil {
		return err
	}
	g.step = step
	jitter, err := f.o.Duration(f.name("jitter"), 0)
	if err != nil {
		return err
	}
	g.jitter = uint64(jitter.Microseconds())
	if g.kind == "zipf" {
		return g.readZipf(f)
	}
	return nil
}

// maxZipf is how many distinct values a zipf distribution can have.
const maxZipf = 1 << 21

func (g *generator) readZipf(f fields) error {
	skew, err := f.o.Number(f.name("skew"), 1, 0)
	if err != nil {
		return err
	}
	if !f.o.Has(f.name("max")) {
		g.span = 1000
	}
	if g.span == 0 || g.span > maxZipf {
		return &connectors.OptionError{Option: f.name("max"), Message: fmt.Sprintf("kind = 'zipf' makes at most %d different values", maxZipf), Hint: "lower " + f.name("max")}
	}
	g.zipf = make([]float64, g.span)
	total := 0.0
	for i := range g.zipf {
		total += math.Pow(float64(i+1), -skew)
		g.zipf[i] = total
	}
	for i := range g.zipf {
		g.zipf[i] /= total
	}
	return nil
}

// fill appends rows first to first+n-1 to v, which is empty.
func (g *generator) fill(v *data.Vector, first int64, n int) {
	for i := first; i < first+int64(n); i++ {
		h := mix(g.seed + uint64(i)*0xd1342543de82ef95)
		if g.null > 0 && unit(mix(h)) < g.null {
			v.AppendNull()
			continue
		}
		if g.kind == "choice" {
			v.AppendFrom(g.values, int(below(h, uint64(g.values.Len()))))
			continue
		}
		switch g.typ.Class() {
		case data.ClassInt:
			v.AppendInt(g.number(i, h))
		case data.ClassFloat:
			v.AppendFloat(g.low + unit(h)*g.width)
		case data.ClassBool:
			v.AppendBool(h>>63 == 1)
		case data.ClassBytes:
			v.Bytes = g.text(v.Bytes, i, h)
			v.AppendText(nil)
		}
	}
}

// number returns the number of row i, whose random bits are h.
func (g *generator) number(i int64, h uint64) int64 {
	switch g.kind {
	case "sequence":
		return g.start + i*g.step
	case "timestamp":
		return g.start + i*g.step - int64(below(h, g.jitter+1))
	case "zipf":
		return g.min + int64(min(sort.SearchFloat64s(g.zipf, unit(h)), len(g.zipf)-1))
	}
	return g.min + int64(below(h, g.span))
}

const letters = "abcdefghijklmnopqrstuvwxyz012345"

// text appends the text of row i.
func (g *generator) text(dst []byte, i int64, h uint64) []byte {
	dst = append(dst, g.prefix...)
	if g.kind == "sequence" || g.kind == "zipf" || g.prefix != "" {
		return strconv.AppendInt(dst, g.number(i, h), 10)
	}
	for k := 0; k < g.length; k++ {
		if k%12 == 0 && k > 0 {
			h = mix(h)
		}
		dst = append(dst, letters[h>>(5*(k%12))&31])
	}
	return dst
}

// unit maps random bits to [0, 1).
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// below maps random bits to [0, n); all of them when n is 0.
func below(h, n uint64) uint64 {
	if n == 0 {
		return h
	}
	hi, _ := bits.Mul64(h, n)
	return hi
}
