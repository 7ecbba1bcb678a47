package expr

import "tidemark/operators/data"

// parseKernel reads values of type t from text. With try, text that is none
// gives NULL.
func parseKernel(t data.Type, try bool) kernel {
	one, parser := &data.Vector{}, data.NewTextParser(t, nil)
	return func(f *frame) error {
		var w textWriter
		if t.Class() == data.ClassBytes {
			w = newTextWriter(f.out, f.n)
		}
		return f.each(func(i int) error {
			one.Reset(t)
			if err := parser.Append(one, f.text(0, i)); err != nil {
				if try {
					f.setNull(i)
					return nil
				}
				return err
			}
			switch t.Class() {
			case data.ClassInt:
				f.out.Ints[i] = one.Ints[0]
			case data.ClassFloat:
				f.out.Floats[i] = one.Floats[0]
			case data.ClassBool:
				f.out.Bools[i] = one.Bools[0]
			case data.ClassWide:
				f.out.Wides[i] = one.Wides[0]
			case data.ClassBytes:
				w.put(append(w.at(i), one.Text(0)...))
			}
			return nil
		}, func() {
			if t.Class() == data.ClassBytes {
				w.close()
			}
		})
	}
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
