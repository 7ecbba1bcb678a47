package connectors

import "sort"

// Messages tells of the records of a chunk that are messages of a log, such as
// Kafka's, and not lines. Slices have an element for each message, in order. A
// reader reuses them with the chunk; decoders only read them.
type Messages struct {
	// Topic and Partition are where the messages are from.
	Topic     string
	Partition int32
	// Ends are the places in Chunk.Data behind each message: message i is
	// Data[Ends[i-1]:Ends[i]], less Gap bytes before its end. Nil for decoders of lines.
	Ends []uint32
	// Gap is how many bytes between messages are of none of them: 1 where each is
	// followed by a line end, for decoders of lines.
	Gap int
	// Null marks messages without a value, which are not the same as empty ones; nil
	// when there are none.
	Null []bool
	// Lines are the lines of the chunk on which messages begin, where decoders find them
	// by their lines; nil where message i is line i.
	Lines []uint32
	// Offsets are the messages' numbers in their partition, which may have holes.
	Offsets []int64
	// Times are the messages' own times in microseconds since 1970.
	Times []int64
	// Keys are the messages' keys; set only where they are asked for.
	Keys Texts
	// Headers are the messages' headers as JSON objects; set only where they are asked for.
	Headers Texts
}

// Texts are byte strings, one for each message, some of which may be missing.
type Texts struct {
	Data []byte
	Ends []uint32
	Null []bool // nil when none is missing
}

// Text returns the i-th; nil when it is missing.
func (t *Texts) Text(i int) []byte {
	if len(t.Ends) == 0 || t.Null != nil && t.Null[i] {
		return nil
	}
	from := uint32(0)
	if i > 0 {
		from = t.Ends[i-1]
	}
	return t.Data[from:t.Ends[i]:t.Ends[i]]
}

// Add appends a text; nil for one that is missing.
func (t *Texts) Add(text []byte) {
	if text == nil && t.Null == nil {
		t.Null = make([]bool, len(t.Ends))
	}
	if t.Null != nil {
		t.Null = append(t.Null, text == nil)
	}
	if t.Data == nil {
		t.Data = make([]byte, 0, 1<<10) // never nil, as what is missing is
	}
	t.Data = append(t.Data, text...)
	t.Ends = append(t.Ends, uint32(len(t.Data)))
}

// Message returns message i of the chunk's data; nil when it has no value.
func (m *Messages) Message(data []byte, i int) []byte {
	if m.Null != nil && m.Null[i] {
		return nil
	}
	from := uint32(0)
	if i > 0 {
		from = m.Ends[i-1]
	}
	to := m.Ends[i] - uint32(m.Gap)
	return data[from:to:to]
}

// At returns the number of the message that a line of the chunk is of.
func (m *Messages) At(line int64) int {
	if len(m.Lines) == 0 {
		return int(line)
	}
	return sort.Search(len(m.Lines), func(i int) bool { return int64(m.Lines[i]) > line }) - 1
}

// Reset empties m and keeps its memory.
func (m *Messages) Reset() {
	*m = Messages{Ends: m.Ends[:0], Lines: m.Lines[:0], Offsets: m.Offsets[:0], Times: m.Times[:0],
		Keys:    Texts{Data: m.Keys.Data[:0], Ends: m.Keys.Ends[:0]},
		Headers: Texts{Data: m.Headers.Data[:0], Ends: m.Headers.Ends[:0]}}
}
