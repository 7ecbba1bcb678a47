package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// message is a message of a batch that a test makes.
type message struct {
	delta      int32 // from the first offset
	key, value []byte
	headers    []kmsg.Header
}

func values(texts ...string) []message {
	var ms []message
	for i, s := range texts {
		ms = append(ms, message{delta: int32(i), value: []byte(s)})
	}
	return ms
}

// makeBatch returns a batch; pack compresses its records.
func makeBatch(base int64, attributes int16, ms []message, pack func([]byte) []byte) []byte {
	var raw []byte
	last := int32(-1)
	for _, m := range ms {
		r := kmsg.NewRecord()
		r.OffsetDelta, r.TimestampDelta64, r.Key, r.Value, r.Headers = m.delta, int64(m.delta), m.key, m.value, m.headers
		r.Length = int32(len(r.AppendTo(nil)) - 1) // the length of 0 is one byte
		raw = r.AppendTo(raw)
		last = m.delta
	}
	b := kmsg.RecordBatch{FirstOffset: base, Magic: 2, Attributes: attributes, LastOffsetDelta: last, FirstTimestamp: 1000, MaxTimestamp: 5000, ProducerID: -1, NumRecords: int32(len(ms))}
	if b.Records = raw; pack != nil {
		b.Records = pack(raw)
	}
	out := b.AppendTo(nil)
	binary.BigEndian.PutUint32(out[atLength:], uint32(len(out)-atLength-4))
	return seal(out)
}

// seal writes a batch's checksum.
func seal(b []byte) []byte {
	if len(b) >= atRecords {
		binary.BigEndian.PutUint32(b[atCRC:], crc32.Checksum(b[atAttributes:], castagnoli))
	}
	return b
}

// unpackAll makes a chunk of all batches of records.
func unpackAll(t testing.TB, u *unpacker, records []byte) *connectors.Chunk {
	t.Helper()
	at := topicPartition{"a", 3}
	s, err := segmentOf(&fetched{topicPartition: at, records: records}, 0, true)
	c := &connectors.Chunk{Name: "a/3"}
	var memory buffers
	u.unpack(c, &packed{at, s.batches, 0, noEnd, memory.get(0)})
	if c.Fatal == nil && err != nil {
		c.Fatal = &errorAt{at, s.next, err}
	}
	return c
}

// unpackerOf returns the unpacker of a source.
func unpackerOf(t testing.TB, pairs ...string) (connectors.Source, *unpacker) {
	t.Helper()
	o := connectors.NewOptions(map[string]string{"brokers": "nowhere:1", "topic": "a", "on_error": "skip"})
	for i := 0; i < len(pairs); i += 2 {
		o = o.With(pairs[i], pairs[i+1])
	}
	schema := data.Schema{{Name: "n", Type: data.Of(data.BigInt)}, {Name: "s", Type: data.Of(data.String)}}
	s, err := NewSource(connectors.SourceConfig{Name: "s", Schema: schema, Needed: []int{0, 1}, Options: o, Tells: []string{"key", "headers"}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	return s, &d.(*decoder).unpack
}

// TestMessagesToRecords checks which messages are records, and what is said of others.
func TestMessagesToRecords(t *testing.T) {
	for _, c := range []struct {
		format string
		values []string
		want   []string // "offset n s", or "offset: reason"
	}{
		{"json", []string{`{"n":1,"s":"x"}`, "{\n\"n\": 2,\r\n\"s\":\"y\"\n}\n", `{"n":3}`, ``, " \n", `{"n":6}` + "\n" + `{"n":7}`, "{\"s\":\"a\nb\"}"},
			[]string{"0 1 x", "1 2 y", "2 3 NULL", "3: the message is empty", "4: the message is empty", "5: not valid JSON: the end of the line is expected after the object", "6: not valid JSON: a control character"}},
		{"json", []string{`{"n":1,"s":"x"}`, `{"n":2,"s":"y"}`}, []string{"0 1 x", "1 2 y"}},
		{"csv", []string{"1,x", "2,y\n", "3,\"a\nb\"", "4,z\r\n", "5,a\n6,b", "", "7,\"open", "8,\"q\"", "x,y", "9,\"\n\n\"\n"},
			[]string{"0 1 x", "1 2 y", "2 3 a\nb", "3 4 z", "4: the message has more than one record", "5: the message is empty", "6: a quoted field is not closed", "7 8 q", "8: column n", "9 9 \n\n"}},
		{"tsv", []string{"1\tx", "2\ty"}, []string{"0 1 x", "1 2 y"}},
	} {
		s, _ := unpackerOf(t, "format", c.format)
		checkRecords(t, s, makeBatch(0, 0, values(c.values...), nil), c.want)
	}
	s, _ := unpackerOf(t, "format", "csv", "quote", "")
	checkRecords(t, s, makeBatch(0, 0, values(`1,"x`, "2,y\n3,z"), nil), []string{`0 1 "x`, "1: the message has more than one record"})
}

// checkRecords decodes a batch and compares rows and bad records with want.
func checkRecords(t *testing.T, s connectors.Source, batch []byte, want []string) {
	t.Helper()
	dec, err := s.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	at := topicPartition{"a", 3}
	seg, err := segmentOf(&fetched{records: batch}, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	var memory buffers
	c := &connectors.Chunk{Store: &packed{at, seg.batches, 0, noEnd, memory.get(0)}}
	pool := data.NewPool(data.Schema{{Name: "n", Type: data.Of(data.BigInt)}, {Name: "s", Type: data.Of(data.String)}})
	found := map[int64]string{}
	var place connectors.Place
	for done := false; !done; {
		b := pool.Get()
		done = dec.Decode(c, b, &place, 2)
		for i := range b.N {
			text := "NULL"
			if !b.Cols[1].IsNull(i) {
				text = string(b.Cols[1].Text(i))
			}
			offset := c.Messages.Offsets[c.Messages.At(place.Line(i))]
			found[offset] = fmt.Sprintf("%d %d %s", offset, b.Cols[0].Ints[i], text)
		}
		b.Release()
	}
	for _, bad := range c.Bad {
		offset := c.Messages.Offsets[c.Messages.At(bad.Line)]
		found[offset] = fmt.Sprintf("%d: %s", offset, bad.Reason)
	}
	if c.Fatal != nil || len(found) != len(want) || int(c.Records) != len(want) {
		t.Errorf("%d records, %d found, want %d; %v", c.Records, len(found), len(want), c.Fatal)
	}
	for i, w := range want {
		if got := found[int64(i)]; !strings.HasPrefix(got, w) {
			t.Errorf("got %q, want %q", got, w)
		}
	}
}

// TestUnpack checks what is told of messages, and that those without a value are none.
func TestUnpack(t *testing.T) {
	_, u := unpackerOf(t, "format", "json")
	ms := []message{
		{delta: 0, key: []byte("k"), value: []byte(`{}`)},
		{delta: 4, key: []byte("gone")},
		{delta: 7, key: []byte{}, value: []byte(`{"n":1}`), headers: []kmsg.Header{{Key: "b", Value: []byte("x")}, {Key: "a"}, {Key: "b", Value: []byte("y")}}},
	}
	c := unpackAll(t, u, append(makeBatch(10, 0, ms, nil), makeBatch(30, attrAppendTime, values(`[]`), nil)...))
	m := c.Messages
	if c.Fatal != nil || c.Skipped != 1 || string(c.Data) != "{}\n{\"n\":1}\n[]\n" {
		t.Errorf("%q, %d skipped, %v", c.Data, c.Skipped, c.Fatal)
	}
	if got := fmt.Sprint(m.Topic, m.Partition, m.Offsets, m.Times); got != "a3 [10 17 30] [1000000 1007000 5000000]" {
		t.Error(got)
	}
	for i, want := range []string{`"k" false {}`, `"" false {"a":null,"b":"y"}`, `"" true {}`} {
		key := m.Keys.Text(i)
		if got := fmt.Sprintf("%q %t %s", key, key == nil, m.Headers.Text(i)); got != want {
			t.Errorf("message %d: got %s, want %s", i, got, want)
		}
	}
	if got := string(m.Message(c.Data, 1)); got != `{"n":1}` {
		t.Error(got)
	}
}

// TestXerial reads the blocks that Java's snappy writes.
func TestXerial(t *testing.T) {
	_, u := unpackerOf(t, "format", "json")
	packed := makeBatch(0, codecSnappy, values(`{"n":1}`, `{"n":2}`), func(raw []byte) []byte {
		out := append(bytes.Clone(xerial), 0, 0, 0, 1, 0, 0, 0, 1)
		for _, part := range [][]byte{raw[:5], raw[5:]} {
			block := snappy.Encode(nil, part)
			out = append(binary.BigEndian.AppendUint32(out, uint32(len(block))), block...)
		}
		return out
	})
	c := unpackAll(t, u, packed)
	if c.Fatal != nil || string(c.Data) != "{\"n\":1}\n{\"n\":2}\n" {
		t.Errorf("%q, %v", c.Data, c.Fatal)
	}
	wantLength := len(packed) - 1 - atLength - 4
	binary.BigEndian.PutUint32(packed[atLength:], uint32(wantLength))
	c = unpackAll(t, u, seal(packed[:len(packed)-1]))
	wantError(t, c.Fatal, "a/3 offset 0: the batch is damaged: it cannot be decompressed as snappy")
}

// TestDamage changes each byte of a batch in turn: what was read before it is kept, and
// the error names its place.
func TestDamage(t *testing.T) {
	_, u := unpackerOf(t, "format", "json")
	good := makeBatch(0, 0, values(`{"n":1}`), nil)
	next := makeBatch(1, 0, values(`{"n":2}`, `{"n":3}`), nil)
	for i := range next {
		if i < atLength+4 || i >= 12 && i < atMagic { // offset, length and the leader's epoch have no checksum
			continue
		}
		bad := bytes.Clone(next)
		bad[i] ^= 0x10
		c := unpackAll(t, u, append(bytes.Clone(good), bad...))
		wantError(t, c.Fatal, "a/3 offset 1: ")
		if string(c.Data) != "{\"n\":1}\n" {
			t.Errorf("byte %d: %q", i, c.Data)
		}
	}
	for magic, want := range map[byte]string{0: "Kafka before 0.11", 1: "Kafka before 0.11", 3: "newer than what is known here"} {
		bad := bytes.Clone(next)
		bad[atMagic] = magic
		wantError(t, unpackAll(t, u, bad).Fatal, want)
	}
	for n := range next { // the end of an answer may be cut off
		if c := unpackAll(t, u, append(bytes.Clone(good), next[:n]...)); c.Fatal != nil {
			t.Fatal(n, c.Fatal)
		}
	}
}

// FuzzRecordBatch unpacks anything that has a right checksum.
func FuzzRecordBatch(f *testing.F) {
	ms := values(`{"n":1}`, `{"n":2}`)
	ms[0].headers = []kmsg.Header{{Key: "k", Value: []byte("v")}}
	f.Add(makeBatch(0, 0, ms, nil))
	f.Add(makeBatch(5, codecSnappy, ms, func(raw []byte) []byte { return snappy.Encode(nil, raw) }))
	for codec := range int16(8) {
		f.Add(makeBatch(7, codec|attrTxn, ms, nil))
	}
	f.Add(makeBatch(7, attrControl|attrTxn, []message{{key: []byte{0, 0, 0, 0}}}, nil))
	_, u := unpackerOf(f, "format", "json", "max_batch_bytes", "1 MB")
	f.Fuzz(func(t *testing.T, records []byte) {
		c := unpackAll(t, u, seal(records))
		m := c.Messages
		if len(m.Ends) != len(m.Offsets) || len(m.Ends) != len(m.Times) || len(m.Ends) != len(m.Keys.Ends) || len(m.Ends) != len(m.Headers.Ends) {
			t.Fatalf("of %d messages there are %d offsets, %d times, %d keys, %d headers", len(m.Ends), len(m.Offsets), len(m.Times), len(m.Keys.Ends), len(m.Headers.Ends))
		}
		for i, o := range m.Offsets {
			if o < 0 || i > 0 && o <= m.Offsets[i-1] {
				t.Fatalf("offset %d behind %d", o, m.Offsets[max(i-1, 0)])
			}
			m.Message(c.Data, i)
		}
		if bytes.Count(c.Data, newline) != len(m.Ends) {
			t.Fatalf("%d messages are not lines: %q", len(m.Ends), c.Data)
		}
	})
}
