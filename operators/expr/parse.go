package expr

import "tidemark/operators/data"

// parseKernel reads values of type t from text. With try, text that is none
// gives NULL.
func parseKernel(t data.Type, try bool) kernel {
	parser := data.NewTextParser(t, nil)
	return valueRows(t, func(f *frame, i int, one *data.Vector) error {
		if err := parser.Append(one, f.text(0, i)); err != nil && !try {
			return err
		}
		return nil
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
