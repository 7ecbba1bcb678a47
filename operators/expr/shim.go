package expr

import (
	"bytes"
	"cmp"
	"errors"
	"strconv"
	"time"

	"tidemark/operators/data"
)

func appendText(to []byte, v *data.Vector, i int) []byte {
	i = v.Index(i)
	switch v.Type.Kind {
	case data.Int, data.BigInt:
		return strconv.AppendInt(to, v.Ints[i], 10)
	case data.Double:
		return strconv.AppendFloat(to, v.Floats[i], 'g', -1, 64)
	case data.Boolean:
		return strconv.AppendBool(to, v.Bools[i])
	case data.Timestamp:
		return time.UnixMicro(v.Ints[i]).UTC().AppendFormat(to, "2006-01-02 15:04:05.999999")
	case data.String, data.Bytes, data.JSON:
		return append(to, v.Text(i)...)
	}
	return append(to, "?"...)
}

func compareValues(a *data.Vector, i int, b *data.Vector, j int) int {
	switch a.Type.Class() {
	case data.ClassInt:
		return cmp.Compare(a.Ints[i], b.Ints[j])
	case data.ClassFloat:
		return cmp.Compare(a.Floats[i], b.Floats[j])
	case data.ClassBool:
		return b2i(a.Bools[i]) - b2i(b.Bools[j])
	case data.ClassWide:
		return cmpScaled(a.Wides[i], 0, b.Wides[j], 0)
	}
	return bytes.Compare(a.Text(i), b.Text(j))
}

func parseText(t data.Type, v *data.Vector, s []byte) error {
	switch t.Kind {
	case data.Int, data.BigInt:
		x, err := strconv.ParseInt(string(s), 10, 64)
		v.AppendInt(x)
		return err
	case data.Double:
		x, err := strconv.ParseFloat(string(s), 64)
		v.AppendFloat(x)
		return err
	case data.Timestamp:
		x, err := time.Parse("2006-01-02 15:04:05", string(s))
		v.AppendInt(x.UnixMicro())
		return err
	}
	return errors.New("not yet")
}
