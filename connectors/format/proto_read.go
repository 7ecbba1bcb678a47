package format

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"tidemark/operators/data"
)

// scan reads a message. Its fields hold what they have found.
func (p *protoMessage) scan(b []byte) error {
	for _, f := range p.fields {
		if f != nil {
			f.reset()
		}
	}
	return eachProto(b, func(number protowire.Number, typ protowire.Type, value []byte) error {
		if f := p.byNumber[number]; f != nil {
			return f.take(number, typ, value)
		}
		if p.known != nil && p.known.ByNumber(number) == nil {
			p.unknown++
		}
		return nil
	})
}

// eachProto calls take for each field of a message, in order.
func eachProto(b []byte, take func(number protowire.Number, typ protowire.Type, value []byte) error) error {
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errProto
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, typ, b)
		if size < 0 {
			return errProto
		}
		if err := take(number, typ, b[:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}

func (f *protoField) reset() {
	f.seen, f.raw, f.buf = false, nil, f.buf[:0]
	f.entries.Reset()
}

// take reads one occurrence of the field, of the given wire type.
func (f *protoField) take(number protowire.Number, typ protowire.Type, b []byte) error {
	packed := typ == protowire.BytesType && f.list && wireOf(f.kind) != protowire.BytesType
	if typ != wireOf(f.kind) && !packed {
		return &valueError{column: f.path, reason: fmt.Sprintf("the record has wire type %d, and the description of the messages says %s", typ, f.kind)}
	}
	switch typ {
	case protowire.BytesType:
		b, _ = protowire.ConsumeBytes(b)
	case protowire.StartGroupType:
		b, _ = protowire.ConsumeGroup(number, b)
	}
	switch {
	case f.key != nil:
		return f.entry(b)
	case packed:
		for len(b) > 0 {
			n := protowire.ConsumeFieldValue(1, wireOf(f.kind), b)
			if n < 0 {
				return errProto
			}
			if err := f.item(b[:n]); err != nil {
				return err
			}
			b = b[n:]
		}
		return nil
	case f.list:
		return f.item(b)
	}
	return f.set(b)
}

// set makes b the value; what was there before is replaced, or added to where it is a
// message.
func (f *protoField) set(b []byte) error {
	if f.message == nil && f.inner == nil {
		f.seen = true
		return f.read(b)
	}
	if f.seen {
		f.joined = append(append(f.joined[:0], f.raw...), b...)
		b = f.joined
	}
	f.seen, f.raw = true, b
	return nil
}

// item appends an element of the list.
func (f *protoField) item(b []byte) (err error) {
	f.seen = false
	if err = f.set(b); err == nil {
		f.buf, err = f.element(f.buf)
	}
	return err
}

// entry adds an entry of a map.
func (f *protoField) entry(b []byte) error {
	f.key.reset()
	f.value.reset()
	err := eachProto(b, func(number protowire.Number, typ protowire.Type, value []byte) error {
		switch number {
		case 1:
			return f.key.take(number, typ, value)
		case 2:
			return f.value.take(number, typ, value)
		}
		return nil
	})
	if err != nil {
		return err
	}
	key, err := f.key.orZero().element(f.part[:0])
	if err != nil {
		return err
	}
	at := len(key)
	if f.part, err = f.value.orZero().element(key); err != nil {
		return err
	}
	f.entries.AddEncoded(f.part[:at], f.part[at:])
	return nil
}

// orZero makes a value of an entry that is not there its default.
func (f *protoField) orZero() *protoField {
	if !f.seen {
		f.seen, f.s, f.raw = true, f.zero, nil
	}
	return f
}

// element appends the value, which is there, to a nested one that is put together in dst.
func (f *protoField) element(dst []byte) ([]byte, error) {
	switch {
	case f.inner != nil:
		if err := f.inner.unwrap(f.raw); err != nil {
			return dst, err
		}
		return f.inner.orZero().element(dst)
	case f.message != nil:
		raw := f.raw
		if err := f.message.scan(raw); err != nil {
			return dst, err
		}
		dst = data.BeginElement(dst)
		for _, p := range f.message.fields {
			var err error
			if dst, err = p.whole(dst); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	whole, err := f.wire.element(dst, &f.s)
	if err != nil {
		return dst, &valueError{column: f.path, reason: err.Error()}
	}
	return whole, nil
}

// unwrap reads the one field of a wrapper.
func (f *protoField) unwrap(b []byte) error {
	p := protoMessage{fields: []*protoField{f}, byNumber: map[protowire.Number]*protoField{1: f}}
	return p.scan(b)
}

// whole appends the field, whatever was found of it. f may be nil.
func (f *protoField) whole(dst []byte) ([]byte, error) {
	switch {
	case f == nil:
		return data.AppendNullElement(dst), nil
	case f.key != nil:
		return f.entries.AppendTo(data.BeginElement(dst)), nil
	case f.list:
		return data.EndArray(append(data.BeginElement(dst), f.buf...)), nil
	case !f.seen && f.presence:
		return data.AppendNullElement(dst), nil
	}
	return f.orZero().element(dst)
}

// put makes the field row n of a column.
func (f *protoField) put(c *column, n int) error {
	for f.inner != nil && !f.list {
		if !f.seen {
			c.setNull(n)
			return nil
		}
		if err := f.inner.unwrap(f.raw); err != nil {
			return err
		}
		f = f.inner.orZero()
	}
	if f.list || f.key != nil || f.message != nil {
		var err error
		if f.part, err = f.whole(f.part[:0]); err == nil {
			c.setNested(n, f.part, f.typ)
		}
		return err
	}
	if !f.seen && f.presence {
		c.setNull(n)
		return nil
	}
	if err := f.wire.put(c, n, &f.orZero().s); err != nil {
		return &valueError{column: f.path, reason: err.Error()}
	}
	return nil
}
