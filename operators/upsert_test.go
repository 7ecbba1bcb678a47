package operators_test

import (
	"fmt"
	"slices"
	"testing"

	"tidemark/operators"
	"tidemark/operators/data"
	"tidemark/operators/optest"
	"tidemark/operators/watermark"
)

func upsertCase() optest.Case {
	s := data.Schema{{Name: "v", Type: data.Of(data.String)}, {Name: "k", Type: data.Of(data.BigInt)}}
	return optest.Case{In: s, Out: s, Steps: true, New: func() operators.Operator { return operators.NewUpsert([]int{1}, s, 3) }}
}

func TestUpsert(t *testing.T) {
	c := upsertCase()
	c.Input = `a 1
		b 2
		wm 2026-01-01T00:00:00Z
		c 1
		c 1
		-D c 1
		-D x 3
		d 1
		-U d 1
		+U NULL 1
		end`
	c.Want = `+I a 1
		+I b 2
		wm 2026-01-01T00:00:00Z
		-U a 1
		+U c 1
		-D c 1
		+I d 1
		-U d 1
		+U NULL 1
		end`
	optest.Run(t, c)
}

func TestUpsertNullKey(t *testing.T) {
	c := upsertCase()
	c.Input = "a 1\nb NULL\nc 2\nend"
	c.Want = "+I a 1"
	c.Err = "primary key is NULL"
	optest.Run(t, c)
}

// A table whose columns are all in the key has nothing to update.
func TestUpsertOfKeysAlone(t *testing.T) {
	s := data.Schema{{Name: "k", Type: data.Of(data.BigInt)}}
	optest.Run(t, optest.Case{In: s, Out: s, New: func() operators.Operator { return operators.NewUpsert([]int{0}, s, 3) },
		Input: "1\n1\n-D 1\n1\n2\nend", Want: "+I 1\n-D 1\n+I 1\n+I 2"})
}

func TestAssignTime(t *testing.T) {
	s := data.Schema{{Name: "at", Type: data.Of(data.Timestamp), Time: true}}
	c := optest.Case{In: s, Out: s, Steps: true, New: func() operators.Operator {
		return operators.NewAssignTime(0, watermark.Spec{Delay: 60_000_000}, nil, nil)
	}}
	c.Input = `2026-01-01T00:05:00Z
		wm 2026-01-01T10:00:00Z
		2026-01-01T00:03:00Z
		2026-01-01T00:06:00Z
		end`
	c.Want = `+I 2026-01-01T00:05:00Z
		wm 2026-01-01T00:04:00Z
		+I 2026-01-01T00:03:00Z
		+I 2026-01-01T00:06:00Z
		wm 2026-01-01T00:05:00Z
		end`
	optest.Run(t, c)
	// What an earlier batch has overtaken stays so, also before the end.
	c.Input = "2026-01-01T00:05:00Z\n2026-01-01T00:04:30Z\n2026-01-01T00:03:00Z\nend"
	c.Want = "+I 2026-01-01T00:05:00Z\nwm 2026-01-01T00:04:00Z\n+I 2026-01-01T00:04:30Z\n+I 2026-01-01T00:03:00Z\nend"
	optest.Run(t, c)
	c.Input = "2026-01-01T00:05:00Z\nNULL\nend"
	c.Want = "+I 2026-01-01T00:05:00Z\nwm 2026-01-01T00:04:00Z"
	c.Err = "event time is NULL"
	optest.Run(t, c)
}

// Floors stand between the rows that they are to follow, whatever the batches are; one
// that is not above the watermark changes nothing.
func TestAssignTimeFloors(t *testing.T) {
	s := data.Schema{{Name: "at", Type: data.Of(data.Timestamp), Time: true}}
	minute := func(m int64) int64 { return 1767225600_000_000 + m*60_000_000 } // of 2026
	floors := []operators.Floor{{Rows: 0, To: minute(1)}, {Rows: 2, To: minute(30)}, {Rows: 2, To: minute(20)}, {Rows: 3, To: minute(40)}, {Rows: 4, To: minute(45)}}
	optest.Run(t, optest.Case{In: s, Out: s, Steps: true,
		New: func() operators.Operator { return operators.NewAssignTime(0, watermark.Spec{}, nil, floors) },
		Input: `2026-01-01T00:05:00Z
			2026-01-01T00:03:00Z
			2026-01-01T00:10:00Z
			2026-01-01T00:50:00Z
			end`,
		Want: `wm 2026-01-01T00:01:00Z
			+I 2026-01-01T00:05:00Z
			wm 2026-01-01T00:05:00Z
			+I 2026-01-01T00:03:00Z
			wm 2026-01-01T00:30:00Z
			+I 2026-01-01T00:10:00Z
			wm 2026-01-01T00:40:00Z
			+I 2026-01-01T00:50:00Z
			wm 2026-01-01T00:50:00Z
			end`})
}

// No two moves of the watermark have the same position: neither a floor and the move of
// the row before it, nor the end and that of the last row.
func TestAssignTimeKeepsMovesApart(t *testing.T) {
	s := data.Schema{{Name: "at", Type: data.Of(data.Timestamp), Time: true}}
	op := operators.NewAssignTime(0, watermark.Spec{}, nil, []operators.Floor{{Rows: 1, To: 15}, {Rows: 2, To: 25}})
	b := data.NewPool(s).Get()
	for _, at := range []int64{10, 20, 30} {
		b.Cols[0].AppendInt(at)
		b.N++
	}
	b.AddStep(3, data.MaxTime)
	var got []string
	last := int64(data.MinTime)
	err := op.Process(b, func(b *data.Batch) error {
		defer b.Release()
		at := func(p int64) {
			if p <= last {
				t.Errorf("position %d after %d", p, last)
			}
			last = p
		}
		step := 0
		move := func(row int) {
			for ; step < len(b.Steps) && b.Steps[step].Row <= row; step++ {
				at(2*(b.Seq+int64(b.Steps[step].Row)) - 1)
				got = append(got, fmt.Sprint("wm ", b.Steps[step].Time))
			}
		}
		for k := range b.Rows() {
			move(b.Row(k))
			at(2 * (b.Seq + int64(b.Row(k))))
			got = append(got, fmt.Sprint(b.Cols[0].Ints[b.Row(k)]))
		}
		move(b.N)
		return nil
	})
	want := []string{"10", "wm 10", "wm 15", "20", "wm 20", "wm 25", "30", "wm 30", fmt.Sprint("wm ", int64(data.MaxTime))}
	if err != nil || !slices.Equal(got, want) {
		t.Fatal(err, got)
	}
}
