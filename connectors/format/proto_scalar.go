package format

import (
	"fmt"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"tidemark/operators/data"
)

// wireOf returns how values of a kind stand in a message.
func wireOf(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.FloatKind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return protowire.Fixed32Type
	case protoreflect.DoubleKind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return protowire.Fixed64Type
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	}
	return protowire.VarintType
}

// read makes f.s the value that stands in b.
func (f *protoField) read(b []byte) error {
	s := &f.s
	switch wireOf(f.kind) {
	case protowire.Fixed32Type:
		x, _ := protowire.ConsumeFixed32(b)
		s.f, s.i = float64(math.Float32frombits(x)), int64(x)
		if f.kind == protoreflect.Sfixed32Kind {
			s.i = int64(int32(x))
		}
	case protowire.Fixed64Type:
		x, _ := protowire.ConsumeFixed64(b)
		s.f, s.i, s.w = math.Float64frombits(x), int64(x), data.Int128{Lo: x}
	case protowire.VarintType:
		x, _ := protowire.ConsumeVarint(b)
		s.b, s.i, s.w = x != 0, int64(x), data.Int128{Lo: x}
		switch f.kind {
		case protoreflect.Int32Kind:
			s.i = int64(int32(x))
		case protoreflect.Uint32Kind:
			s.i = int64(uint32(x))
		case protoreflect.Sint32Kind:
			s.i = int64(int32(protowire.DecodeZigZag(x & math.MaxUint32)))
		case protoreflect.Sint64Kind:
			s.i = protowire.DecodeZigZag(x)
		case protoreflect.EnumKind:
			if v := f.enum.Values().ByNumber(protoreflect.EnumNumber(x)); v != nil {
				s.text = append(s.text[:0:0], v.Name()...)
			} else {
				s.text = strconv.AppendInt(nil, int64(int32(x)), 10)
			}
		}
	default:
		if f.known != "" {
			return f.readTime(b)
		}
		s.text = b
	}
	return nil
}

// readTime reads a Timestamp or a Duration: seconds and nanoseconds.
func (f *protoField) readTime(b []byte) error {
	var seconds, nanos int64
	err := eachProto(b, func(number protowire.Number, typ protowire.Type, value []byte) error {
		if x, _ := protowire.ConsumeVarint(value); typ == protowire.VarintType && number == 1 {
			seconds = int64(x)
		} else if typ == protowire.VarintType && number == 2 {
			nanos = int64(int32(x))
		}
		return nil
	})
	if err != nil {
		return err
	}
	const most = 1e12 // seconds, far beyond any TIMESTAMP
	if seconds > most || seconds < -most {
		return &valueError{column: f.path, reason: fmt.Sprintf("%d seconds are out of range for %s", seconds, f.wire.from)}
	}
	micros := seconds*1e6 + floorDiv(nanos, 1000)
	if f.known == "Timestamp" && !data.IsTimestamp(micros) {
		return &valueError{column: f.path, reason: fmt.Sprintf("%d seconds since 1970 are out of range for TIMESTAMP", seconds)}
	}
	f.s.i, f.s.w = micros, data.NewInterval(0, micros)
	return nil
}
