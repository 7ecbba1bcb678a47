package operators

import "testing"

// Windows that several workers have are counted once, until the last of them has let go.
func TestOpenWindows(t *testing.T) {
	var a Account
	tell := func(of *told, starts ...int64) {
		of.windows(&a, len(starts), func(i int) int64 { return starts[i] })
	}
	var one, two, third told
	for i, step := range []struct {
		do   func()
		open int64
	}{
		{func() { tell(&one, 10, 20) }, 2},
		{func() { tell(&two, 20, 30) }, 3},
		{func() { tell(&one, 20) }, 2},
		{func() { tell(&two, 30) }, 2},
		{func() { tell(&one, 15, 20, 25) }, 4},
		{func() { tell(&one, 15, 20, 25) }, 4},
		{func() { third.count(&a, 5) }, 9},
		{func() { third.count(&a, 2) }, 6},
		{func() { tell(&one) }, 3},
		{func() { tell(&two) }, 2},
		{func() { third.count(&a, 0) }, 0},
	} {
		if step.do(); a.Open.Load() != step.open {
			t.Errorf("after step %d there are %d open windows, want %d", i, a.Open.Load(), step.open)
		}
	}
	one.windows(nil, 1, func(int) int64 { return 1 }) // nobody asks
}
