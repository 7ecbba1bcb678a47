package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// splitHeader returns the names in a header record.
func splitHeader(f *Framing, header []byte) ([]string, error) {
	var names []string
	for i := 0; ; i++ {
		var name []byte
		if f.quotes() && i < len(header) && header[i] == f.Quote {
			after, closed := closeQuote(header, i, f.Quote)
			if !closed || after < len(header) && header[after] != f.Delimiter {
				return nil, fmt.Errorf("a quoted name in the header is not closed before the delimiter: %s", shorten(header[i:]))
			}
			quote := string(f.Quote)
			name = bytes.ReplaceAll(header[i+1:after-1], []byte(quote+quote), []byte(quote))
			i = after
		} else {
			end := bytes.IndexByte(header[i:], f.Delimiter)
			if end < 0 {
				end = len(header) - i
			}
			name, i = header[i:i+end], i+end
		}
		names = append(names, strings.TrimSpace(string(name)))
		if i >= len(header) {
			return names, nil
		}
	}
}

// mapHeader returns the names in a header and for each the needed column that it is
// of, or -1. Names are compared ignoring case; those of an inferred schema are distinct.
func mapHeader(f *Framing, header []byte, needed data.Schema) (names []string, order []int32, err error) {
	names, err = splitHeader(f, header)
	if err != nil {
		return nil, nil, err
	}
	if f.distinct {
		names = distinctNames(names)
	}
	order = make([]int32, len(names))
	found := make([]int, len(needed))
	for i, name := range names {
		order[i] = -1
		for k, c := range needed {
			if strings.EqualFold(c.Name, name) {
				order[i] = int32(k)
				found[k]++
			}
		}
	}
	var missing []string
	for k, c := range needed {
		switch {
		case found[k] > 1:
			return nil, nil, fmt.Errorf("the header has the column %s more than once", c.Name)
		case found[k] == 0:
			text := c.Name
			if near := connectors.Near(c.Name, names); near != "" {
				text += " (did you mean " + near + "?)"
			}
			missing = append(missing, text)
		}
	}
	if len(missing) > 0 {
		return nil, nil, fmt.Errorf("the header has no column %s; it has %s", strings.Join(missing, ", "), strings.Join(names, ", "))
	}
	return names, order, nil
}

// shorten cuts a text for a message.
func shorten(b []byte) string {
	if len(b) > maxQuoted {
		return strings.ToValidUTF8(string(b[:maxQuoted]), "") + "..."
	}
	return string(b)
}

// checkHeader returns the check that a Framing makes of each header.
func checkHeader(f *Framing, needed data.Schema) func(string, []byte) error {
	return func(file string, header []byte) error {
		if _, _, err := mapHeader(f, header, needed); err != nil {
			text := err.Error()
			if !bytes.Contains(header, []byte{f.Delimiter}) && len(needed) > 1 {
				if d := guessDelimiter(header, f.Delimiter); d != 0 {
					text += fmt.Sprintf("; is the delimiter %q?", d)
				}
			}
			return errors.New(file + ": " + text)
		}
		return nil
	}
}

// guessDelimiter returns a usual delimiter that the header has, or 0.
func guessDelimiter(header []byte, not byte) byte {
	for _, d := range []byte{';', '\t', '|', ','} {
		if d != not && bytes.IndexByte(header, d) >= 0 {
			return d
		}
	}
	return 0
}
