package format

import (
	"fmt"

	"github.com/parquet-go/parquet-go/deprecated"
	pq "github.com/parquet-go/parquet-go/format"

	"tidemark/operators/data"
)

// parquetType returns the type of a leaf's values. Where there is none, what says
// what they are.
func parquetType(e *pq.SchemaElement) (t data.Type, what string) {
	if d := decimalOf(e); d != nil {
		if d.Precision < 1 || d.Precision > data.MaxPrecision || d.Scale < 0 || d.Scale > d.Precision {
			return t, fmt.Sprintf("DECIMAL(%d,%d)", d.Precision, d.Scale)
		}
		return data.DecimalType(int(d.Precision), int(d.Scale)), ""
	}
	kind := data.Unknown
	switch e.Type.V {
	case pq.Boolean:
		kind = data.Boolean
	case pq.Int32:
		kind = int32Kind(e)
	case pq.Int64:
		if unsigned(e) {
			return data.DecimalType(20, 0), ""
		}
		kind = int64Kind(e)
	case pq.Int96:
		kind = data.Timestamp
	case pq.Float, pq.Double:
		kind = data.Double
	case pq.ByteArray, pq.FixedLenByteArray:
		kind = bytesKind(e)
	}
	if kind == data.Unknown {
		return t, e.Type.V.String()
	}
	return data.Of(kind), ""
}

func int32Kind(e *pq.SchemaElement) data.Kind {
	switch e.LogicalType.Value.(type) {
	case *pq.DateType:
		return data.Date
	case *pq.TimeType:
		return data.Time
	}
	switch {
	case unsigned(e):
		return data.BigInt
	case converted(e, deprecated.Date):
		return data.Date
	case converted(e, deprecated.TimeMillis):
		return data.Time
	}
	return data.Int
}

func int64Kind(e *pq.SchemaElement) data.Kind {
	switch e.LogicalType.Value.(type) {
	case *pq.TimeType:
		return data.Time
	case *pq.TimestampType:
		return data.Timestamp
	}
	switch {
	case converted(e, deprecated.TimeMicros):
		return data.Time
	case converted(e, deprecated.TimestampMillis), converted(e, deprecated.TimestampMicros):
		return data.Timestamp
	}
	return data.BigInt
}

func bytesKind(e *pq.SchemaElement) data.Kind {
	switch e.LogicalType.Value.(type) {
	case *pq.StringType, *pq.EnumType, *pq.UUIDType:
		return data.String
	case *pq.JsonType:
		return data.JSON
	case *pq.Float16Type:
		return data.Double
	}
	switch {
	case converted(e, deprecated.UTF8), converted(e, deprecated.Enum):
		return data.String
	case converted(e, deprecated.Json):
		return data.JSON
	case converted(e, deprecated.Interval):
		return data.Interval
	}
	return data.Bytes
}

func converted(e *pq.SchemaElement, t deprecated.ConvertedType) bool {
	return e.ConvertedType.Valid && e.ConvertedType.V == t
}

// unsigned reports whether an integer is one without a sign that may not fit the
// signed type of its size. Smaller ones than 32 bits always do.
func unsigned(e *pq.SchemaElement) bool {
	if t, ok := e.LogicalType.Value.(*pq.IntType); ok {
		return !t.IsSigned && t.BitWidth >= 32
	}
	return converted(e, deprecated.Uint32) || converted(e, deprecated.Uint64)
}

func decimalOf(e *pq.SchemaElement) *pq.DecimalType {
	if t, ok := e.LogicalType.Value.(*pq.DecimalType); ok {
		return t
	}
	if converted(e, deprecated.Decimal) && e.Precision.Valid {
		return &pq.DecimalType{Precision: e.Precision.V, Scale: e.Scale.V}
	}
	return nil
}

// timeUnit says how a time is stored: multiply by mul and divide by div to get
// microseconds; local ones are what the clocks show.
type timeUnit struct {
	mul, div int64
	local    bool
}

func unitOf(e *pq.SchemaElement) timeUnit {
	of := func(u pq.TimeUnit, utc bool) timeUnit {
		switch u.Value.(type) {
		case *pq.MilliSeconds:
			return timeUnit{1000, 1, !utc}
		case *pq.NanoSeconds:
			return timeUnit{1, 1000, !utc}
		}
		return timeUnit{1, 1, !utc}
	}
	switch t := e.LogicalType.Value.(type) {
	case *pq.TimeType:
		return of(t.Unit, true) // of the day: no zone either way
	case *pq.TimestampType:
		return of(t.Unit, t.IsAdjustedToUTC)
	}
	if converted(e, deprecated.TimeMillis) || converted(e, deprecated.TimestampMillis) {
		return timeUnit{1000, 1, false}
	}
	return timeUnit{1, 1, false}
}
