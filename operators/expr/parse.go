package expr

import (
	"bytes"

	"tidemark/operators/data"
)

// parseKernel reads values of type t from text. With try, text that is none
// gives NULL. The text of a timestamp is read as the date that it begins with.
func parseKernel(t data.Type, try bool) kernel {
	parser, times := data.NewTextParser(t, nil), data.NewTimeParser(nil)
	return valueRows(t, func(f *frame, i int, one *data.Vector) error {
		text := f.text(0, i)
		err := parser.Append(one, text)
		if err == nil {
			return nil
		}
		if t.Kind == data.Date {
			if text = bytes.TrimSpace(text); len(text) > 10 {
				if _, notTime := times.Parse(text); notTime == nil {
					return parser.Append(one, text[:10])
				}
			}
		}
		if try {
			return nil
		}
		return err
	})
}

// decimalOfText is the type of a string literal beside a DECIMAL: the other's,
// but with all the places that were written.
func decimalOfText(l *Literal, t data.Type) data.Type {
	whole, places, point := 0, 0, false
	for _, c := range l.Value.Text(0) {
		switch {
		case c == '.':
			point = true
		case c < '0' || c > '9':
		case point:
			places++
		default:
			whole++
		}
	}
	places = min(max(places, int(t.Scale)), data.MaxPrecision)
	whole = max(whole, int(t.Precision)-int(t.Scale))
	return data.DecimalType(min(whole+places, data.MaxPrecision), places)
}
