package data

import "strings"

// Column is a named, typed place in a Schema.
type Column struct {
	Name string
	Type Type
	// Time marks an event-time attribute: a TIMESTAMP whose watermark is known.
	Time bool
}

// Schema is the ordered list of columns of a batch, a stream or a query.
type Schema []Column

// Find returns the position of the column called name, ignoring case, or -1.
func (s Schema) Find(name string) int {
	for i := range s {
		if strings.EqualFold(s[i].Name, name) {
			return i
		}
	}
	return -1
}

// Names returns the column names in order.
func (s Schema) Names() []string {
	names := make([]string, len(s))
	for i := range s {
		names[i] = s[i].Name
	}
	return names
}
