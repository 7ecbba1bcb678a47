package data

import (
	"encoding/binary"
	"math"
)

// Vector writes a column. Its type is not written: who reads it knows it.
func (e *Encoder) Vector(v *Vector) {
	n := v.Len()
	e.Uvarint(uint64(n))
	e.Flag(v.Const)
	e.Flag(v.Null != nil)
	if v.Null != nil {
		e.flags(v.Null[:n])
	}
	switch v.Type.Class() {
	case ClassInt:
		e.words(v.Ints)
	case ClassFloat:
		room := e.Room(8 * len(v.Floats))
		for i, x := range v.Floats {
			binary.LittleEndian.PutUint64(room[8*i:], math.Float64bits(x))
		}
	case ClassBool:
		e.flags(v.Bools)
	case ClassWide:
		room := e.Room(16 * len(v.Wides))
		for i, x := range v.Wides {
			binary.LittleEndian.PutUint64(room[16*i:], uint64(x.Hi))
			binary.LittleEndian.PutUint64(room[16*i+8:], x.Lo)
		}
	case ClassBytes:
		for i := range n {
			e.Text(v.Bytes[v.Offsets[i]:v.Offsets[i+1]])
		}
	}
}

// Vector makes v the column that Encoder.Vector wrote, of type t.
func (d *Decoder) Vector(v *Vector, t Type) {
	v.Reset(t)
	n := d.Count(sizeOf(t))
	v.Const = d.Flag()
	if d.Flag() {
		nulls := v.spare[:0]
		for range n {
			nulls = append(nulls, d.Flag())
		}
		defer func() { v.Null = nulls }() // what is appended below is there already
	}
	switch t.Class() {
	case ClassInt:
		for range n {
			v.Ints = append(v.Ints, int64(d.Word()))
		}
	case ClassFloat:
		for range n {
			v.Floats = append(v.Floats, math.Float64frombits(d.Word()))
		}
	case ClassBool:
		for range n {
			v.Bools = append(v.Bools, d.Flag())
		}
	case ClassWide:
		for range n {
			hi := int64(d.Word())
			v.Wides = append(v.Wides, Int128{Hi: hi, Lo: d.Word()})
		}
	case ClassBytes:
		for range n {
			text := d.Text()
			if len(v.Bytes)+len(text) > math.MaxUint32 {
				d.Fail()
				text = nil
			}
			v.AppendText(text)
		}
	}
	if d.damaged {
		v.Reset(t)
	}
}

// sizeOf returns the least bytes that a value of a type takes in a snapshot.
func sizeOf(t Type) int {
	switch t.Class() {
	case ClassInt, ClassFloat:
		return 8
	case ClassWide:
		return 16
	}
	return 1
}
