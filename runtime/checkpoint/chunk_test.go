package checkpoint

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
)

// pieces cuts a content into chunks.
func pieces(l layout, content []byte) (list [][]byte) {
	for len(content) > 0 {
		n := l.cut(content)
		list = append(list, content[:n])
		content = content[n:]
	}
	return list
}

// noise returns n random bytes.
func noise(random *rand.Rand, n int) []byte {
	b := make([]byte, n+8)
	for i := 0; i < n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], random.Uint64())
	}
	return b[:n]
}

// TestCut puts some bytes into a content and takes some out: chunks away from there are
// the same ones.
func TestCut(t *testing.T) {
	l, random := usual(), rand.New(rand.NewPCG(1, 2))
	old := noise(random, 1<<20)
	known := map[chunkID]bool{}
	for _, p := range pieces(l, old) {
		if len(p) > l.most {
			t.Fatalf("a chunk of %d bytes", len(p))
		}
		known[idOf(p)] = true
	}
	if n := len(known); n < 100 || n > 300 {
		t.Fatalf("%d chunks", n)
	}
	changed := append([]byte("some bytes"), old[:400_000]...)
	changed = append(changed, old[400_001:]...)
	fresh := 0
	for _, p := range pieces(l, changed) {
		if !known[idOf(p)] {
			fresh++
		}
	}
	if fresh > 6 {
		t.Fatalf("%d chunks are others", fresh)
	}
	if n := len(pieces(l, make([]byte, 1<<20))); n != (1<<20)/l.most {
		t.Fatalf("nothing but zeros is cut into %d chunks", n)
	}
}

// history is a store with a state that changes from checkpoint to checkpoint.
type history struct {
	*machine
	store  *Store
	random *rand.Rand
	parts  map[string][]byte
	saved  map[int64]map[string][]byte
	last   int64
}

func newHistory(seed uint64) *history {
	h := &history{machine: newMachine(seed), random: rand.New(rand.NewPCG(seed, 2)), parts: map[string][]byte{}, saved: map[int64]map[string][]byte{}}
	h.store = NewStore(h, 2)
	h.store.layout = tiny()
	for i := range 3 {
		h.parts[fmt.Sprint("part ", i)] = noise(h.random, 1000*(i+1))
	}
	return h
}

// step changes some of the state, and saves it.
func (h *history) step(t *testing.T) {
	t.Helper()
	for name, part := range h.parts {
		part = bytes.Clone(part)
		at, n := h.random.IntN(len(part)), h.random.IntN(60)
		switch h.random.IntN(12) {
		case 0:
			part = append(part[:at:at], append(noise(h.random, n), part[at:]...)...)
		case 1:
			part = append(part[:at:at], part[min(len(part), at+n):]...)
		case 2:
			part = noise(h.random, len(part))
		default:
			copy(part[at:min(len(part), at+n/4)], noise(h.random, n/4))
		}
		h.parts[name] = part
	}
	h.last++
	h.saved[h.last] = maps.Clone(h.parts)
	if _, err := h.store.Save(&Checkpoint{Number: h.last, Job: "j", Parts: maps.Clone(h.parts)}); err != nil {
		t.Fatal(err)
	}
}

// files returns how many files of chunks there are, and the bytes of them all.
func (h *history) files() (n, size int) {
	for name, f := range h.machine.files {
		if _, ok := chunkFile(name); ok {
			n++
			size += len(f.data)
		}
	}
	return n, size
}

// same reports whether a checkpoint is what was saved under its number.
func (h *history) same(c *Checkpoint) bool {
	return maps.EqualFunc(c.Parts, h.saved[c.Number], bytes.Equal)
}

// TestChunksStayFew changes a state many times, and goes on with a new process now and
// then: what is loaded is what was saved, and the disk does not fill up.
func TestChunksStayFew(t *testing.T) {
	for seed := range uint64(5) {
		h := newHistory(seed)
		for range 300 {
			h.step(t)
			size := 0
			for _, part := range h.parts {
				size += len(part)
			}
			// Each of the two checkpoints has twice its size at most, with the heads of
			// frames, of which chunks here have some bytes only.
			if n, all := h.files(); all > 2*2*(size+size/2)+3000 || n > 2*h.store.layout.files {
				t.Fatalf("seed %d: %d files with %d bytes for a state of %d", seed, n, all, size)
			}
			live := map[int64]int64{}
			for _, at := range h.store.known.places {
				live[at.file] += int64(at.size)
			}
			if n := len(h.store.known.sizes); n > h.store.layout.files {
				t.Fatalf("seed %d: chunks are in %d files", seed, n)
			}
			for file, size := range h.store.known.sizes {
				if 2*live[file] < size {
					t.Fatalf("seed %d: %d bytes of %d are alive", seed, live[file], size)
				}
			}
			if h.random.IntN(8) > 0 {
				continue
			}
			store := NewStore(h, 2)
			store.layout = tiny()
			found, err := store.Load()
			if err != nil || found.Checkpoint.Number != h.last || !h.same(found.Checkpoint) {
				t.Fatalf("seed %d: found %v, %v instead of checkpoint %d", seed, found, err, h.last)
			}
			h.store = store
		}
	}
}

// TestUnchanged writes a state once, however often it is saved.
func TestUnchanged(t *testing.T) {
	m, random := newMachine(1), rand.New(rand.NewPCG(1, 2))
	store := NewStore(m, 2)
	parts := map[string][]byte{"large": noise(random, 2<<20), "small": noise(random, 1000)}
	for n := int64(1); n < 9; n++ {
		if n%2 == 0 { // as a new process does
			store = NewStore(m, 2)
			if _, err := store.Load(); err != nil {
				t.Fatal(err)
			}
		}
		written, err := store.Save(&Checkpoint{Number: n, Parts: maps.Clone(parts)})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case n == 1 && (written < 2<<20 || written > (2<<20)+(2<<20)/50):
			t.Fatalf("%d bytes are written at first", written)
		case n > 1 && written > 20_000:
			t.Fatalf("checkpoint %d writes %d bytes", n, written)
		}
	}
	if f := m.files[chunkName(1)]; f == nil {
		t.Fatal("the chunks are gone")
	}
	// A state that has become small does without them.
	for n := int64(9); n < 11; n++ {
		if _, err := store.Save(&Checkpoint{Number: n, Parts: map[string][]byte{"small": parts["small"]}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.files) != 2 {
		t.Fatalf("%d files are left", len(m.files))
	}
}

// TestDamagedAnywhere changes bytes of each file, and cuts files off and removes them: a
// checkpoint is what was saved, or is left out with a reason.
func TestDamagedAnywhere(t *testing.T) {
	h := newHistory(3)
	for range 12 {
		h.step(t)
	}
	good := h.machine.files
	if n, _ := h.files(); n < 2 {
		t.Fatalf("%d files of chunks", n)
	}
	load := func(what string) {
		found, err := h.store.Load()
		switch {
		case err != nil:
			if !strings.Contains(err.Error(), "no checkpoint can be read: checkpoint-") {
				t.Fatalf("%s: %v", what, err)
			}
		case !h.same(found.Checkpoint):
			t.Fatalf("%s: checkpoint %d is another", what, found.Checkpoint.Number)
		case found.Checkpoint.Number != h.last && len(found.Passed) == 0:
			t.Fatalf("%s: checkpoint %d is left out silently", what, h.last)
		}
	}
	for name, f := range good {
		other := maps.Clone(good)
		h.machine.files = other
		for at := h.random.IntN(8); at < len(f.data); at += 1 + h.random.IntN(8) {
			bad := bytes.Clone(f.data)
			bad[at] ^= 1 << h.random.IntN(8)
			other[name] = &simFile{data: bad}
			load(fmt.Sprintf("byte %d of %s", at, name))
			if h.random.IntN(8) == 0 {
				other[name] = &simFile{data: f.data[:at]}
				load(fmt.Sprintf("%s cut off at %d", name, at))
			}
		}
		if delete(other, name); name != fileName(h.last) { // of which nobody would know
			load("without " + name)
		}
		for foreign, g := range good { // whole, but of another checkpoint
			if foreign != name {
				other[name] = g
				load(foreign + " as " + name)
			}
		}
	}
}

// TestOtherVersion refuses the checkpoints of another version.
func TestOtherVersion(t *testing.T) {
	h := newHistory(1)
	h.step(t)
	file := h.machine.files[fileName(1)]
	file.data = bytes.Replace(file.data, []byte(magic), []byte(magicName+"1"), 1)
	var frame bytes.Buffer
	head := file.data[frameHead:]
	if err := writeFrame(&frame, head[:binary.LittleEndian.Uint64(file.data)]); err != nil {
		t.Fatal(err)
	}
	file.data = append(frame.Bytes(), head[frame.Len()-frameHead:]...)
	_, err := h.store.Load()
	if want := "no checkpoint can be read: checkpoint-000000000001: it was made by another version of Tidemark"; err == nil || err.Error() != want {
		t.Fatalf("got %v", err)
	}
}

// TestUnreadableKeepsChunks lets the chunks stay while there is a checkpoint of which nobody
// knows what it needs.
func TestUnreadableKeepsChunks(t *testing.T) {
	h := newHistory(5)
	h.step(t)
	h.step(t)
	h.machine.files[fileName(2)].data[20] ^= 1
	before, _ := h.files()
	if err := h.store.Tidy(nil); err != nil {
		t.Fatal(err)
	}
	if after, _ := h.files(); after != before {
		t.Fatalf("%d of %d files are left", after, before)
	}
}

// TestForeignChunks finds whole chunks where others should be: those of another job, of the
// same sizes.
func TestForeignChunks(t *testing.T) {
	var jobs [2]*history
	for i := range jobs {
		h := newHistory(uint64(i))
		h.store.layout.bits = 60 // all chunks are as long as they may be
		h.step(t)
		h.parts = map[string][]byte{"part": noise(h.random, 640)}
		h.last++
		if _, err := h.store.Save(&Checkpoint{Number: h.last, Parts: h.parts}); err != nil {
			t.Fatal(err)
		}
		jobs[i] = h
	}
	a, b := jobs[0], jobs[1]
	a.machine.files[chunkName(2)] = b.machine.files[chunkName(2)]
	found, err := a.store.Load()
	if err != nil {
		t.Fatal(err)
	}
	if c := found.Checkpoint; c.Number != 1 || !a.same(c) || len(found.Passed) != 1 || !strings.Contains(found.Passed[0].Error(), "checkpoint-000000000002: chunks-000000000002: ") {
		t.Fatalf("found checkpoint %d, passed %v", c.Number, found.Passed)
	}
}
