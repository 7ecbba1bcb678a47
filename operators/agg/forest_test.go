package agg

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// TestForest compares a forest with sorted slices.
func TestForest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const groups = 3
		var f forest
		f.resize(groups)
		var want [groups][][]byte
		key := rapid.Custom(func(t *rapid.T) []byte {
			return []byte(rapid.StringMatching(`[\x00ab]{0,2}(a long beginning)?[\x00a-c]{0,9}`).Draw(t, "key"))
		})
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			g := int32(rapid.IntRange(0, groups-1).Draw(t, "group"))
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0: // many at once: they are built into the tree
				for _, k := range rapid.SliceOfN(key, 0, 60).Draw(t, "keys") {
					f.put(g, k)
					want[g] = append(want[g], k)
				}
			case 1, 2:
				k := key.Draw(t, "key")
				d := rapid.IntRange(1, 3).Draw(t, "copies")
				for range d {
					want[g] = append(want[g], k)
				}
				have := f.add(g, k, int64(d))
				if have != int64(count(want[g], k)) {
					t.Fatalf("%d of %q, want %d", have, k, count(want[g], k))
				}
			default:
				k := key.Draw(t, "key")
				if len(want[g]) > 0 && rapid.IntRange(0, 3).Draw(t, "there") > 0 {
					k = rapid.SampledFrom(want[g]).Draw(t, "of these")
				}
				f.add(g, k, -1)
				if i := slices.IndexFunc(want[g], func(x []byte) bool { return bytes.Equal(x, k) }); i >= 0 {
					want[g] = slices.Delete(want[g], i, i+1)
				}
			}
			for g := range int32(groups) {
				slices.SortFunc(want[g], bytes.Compare)
				checkForest(t, &f, g, want[g])
			}
		}
		var saved forest
		w := &writer{data.NewEncoder(nil)}
		f.save(w)
		saved.load(&reader{data.NewDecoder(w.Bytes())}, func(int32, []byte, int64) bool { return true })
		var merged forest
		merged.resize(groups)
		merged.merge([]int32{2, 0, 1}, &f, nil)
		merged.merge([]int32{2, 0, 1}, &f, nil)
		for g := range int32(groups) {
			checkForest(t, &saved, g, want[g])
			var twice [][]byte
			for _, k := range want[g] {
				twice = append(twice, k, k)
			}
			checkForest(t, &merged, (g+2)%groups, twice)
		}
	})
}

func count(keys [][]byte, k []byte) (n int) {
	for _, x := range keys {
		if bytes.Equal(x, k) {
			n++
		}
	}
	return n
}

// checkForest checks all that can be asked of group g against its sorted keys.
func checkForest(t *rapid.T, f *forest, g int32, want [][]byte) {
	if f.total(g) != int64(len(want)) {
		t.Fatalf("group %d has %d keys, want %d", g, f.total(g), len(want))
	}
	if len(want) == 0 {
		if f.first(g) != 0 || f.last(g) != 0 || f.mode(g, false) != 0 {
			t.Fatalf("group %d without keys has one", g)
		}
		return
	}
	key := func(n int32) []byte { return f.appendKey(nil, n) }
	best, last, most := want[0], want[0], 0
	for i, k := range want {
		if got := key(f.at(g, int64(i))); !bytes.Equal(got, k) {
			t.Fatalf("key %d of group %d is %q, want %q", i, g, got, k)
		}
		n := count(want, k)
		if n > most {
			best, most = k, n
		}
		if n == most {
			last = k
		}
	}
	if got := key(f.mode(g, false)); !bytes.Equal(got, best) {
		t.Fatalf("mode %q, want %q", got, best)
	}
	if got := key(f.mode(g, true)); !bytes.Equal(got, last) {
		t.Fatalf("greatest mode %q, want %q", got, last)
	}
	if got := key(f.first(g)); !bytes.Equal(got, want[0]) {
		t.Fatalf("first %q, want %q", got, want[0])
	}
	if got := key(f.last(g)); !bytes.Equal(got, want[len(want)-1]) {
		t.Fatalf("last %q, want %q", got, want[len(want)-1])
	}
	prefix := want[0][:min(1, len(want[0]))]
	with := slices.IndexFunc(want, func(k []byte) bool { return !bytes.HasPrefix(k, prefix) }) - 1
	if with < 0 {
		with = len(want) - 1
	}
	if got := key(f.lastWith(g, prefix)); !bytes.Equal(got, want[with]) {
		t.Fatalf("the last with %q is %q, want %q", prefix, got, want[with])
	}
	i := 0
	f.walk(g, func(n int32) bool {
		if !bytes.Equal(key(n), want[i]) {
			t.Fatalf("walked to %q, want %q", key(n), want[i])
		}
		i += int(f.nodes[n].copies)
		return true
	})
	if i != len(want) {
		t.Fatalf("walked over %d keys of %d", i, len(want))
	}
}

// Keys that come and go, and those that come over and over, leave no memory behind.
func TestForestMemory(t *testing.T) {
	var f forest
	f.resize(1)
	text := bytes.Repeat([]byte("x"), 100)
	for i := range 200_000 {
		f.put(0, append(text[:99], byte(i%50)))
	}
	for i := range 200_000 {
		key := append(text[:90], byte(i), byte(i>>8))
		f.add(0, key, 1)
		f.add(0, key, -1)
	}
	if f.total(0) != 200_000 || f.bytes() > 4<<20 {
		t.Errorf("%d keys in %d bytes", f.total(0), f.bytes())
	}
}

// A tree stays flat whatever order keys come in.
func TestForestDepth(t *testing.T) {
	for _, order := range []func(i int) int{
		func(i int) int { return i },
		func(i int) int { return -i },
		func(i int) int { return i * 7919 % 100_003 },
	} {
		var f forest
		f.resize(1)
		for i := range 100_000 {
			f.add(0, appendSeq(nil, int64(order(i))), 1)
		}
		depth := 0
		var down func(n int32, d int)
		down = func(n int32, d int) {
			if n != 0 {
				depth = max(depth, d)
				down(f.nodes[n].left, d+1)
				down(f.nodes[n].right, d+1)
			}
		}
		down(f.roots[0], 1)
		if depth > 70 { // random ones have 40 to 50
			t.Errorf("a tree of 100000 keys is %d deep", depth)
		}
	}
}
