package checkpoint

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"slices"
	"sync"
)

// errCrashed is what everything returns between a crash and the next start.
var errCrashed = errors.New("the machine has crashed")

// machine is a simulated machine that crashes at an operation of its choice. What was
// not made safe before is lost, or kept, or kept in part.
type machine struct {
	mu      sync.Mutex // sinks are given rows side by side
	random  *rand.Rand
	left    int // operations until the crash; negative for none
	crashed bool
	files   map[string]*simFile // by the names that are seen
	safe    map[string]*simFile // by the names that a crash leaves
	// full is how many bytes there is room for; negative for any number.
	full int
}

type simFile struct {
	data []byte
	safe int // bytes that a crash leaves
}

func newMachine(seed uint64) *machine {
	return &machine{random: rand.New(rand.NewPCG(seed, 1)), left: -1, files: map[string]*simFile{}, safe: map[string]*simFile{}, full: -1}
}

// step counts an operation. It returns an error from the crash on.
func (m *machine) step() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count()
}

// count is step for who has the mutex.
func (m *machine) count() error {
	if m.crashed {
		return errCrashed
	}
	if m.left == 0 {
		m.crashed = true
		return errCrashed
	}
	m.left--
	return nil
}

// restart starts the machine again: with what was safe, and some of what was not.
func (m *machine) restart() {
	for name, f := range m.files { // names that were not made safe
		if m.safe[name] != f && m.random.IntN(2) == 0 {
			m.safe[name] = f
		}
	}
	for name := range m.safe {
		if m.files[name] == nil && m.random.IntN(2) == 0 {
			delete(m.safe, name)
		}
	}
	m.files = map[string]*simFile{}
	for name, f := range m.safe {
		if f.safe < len(f.data) {
			f.data = f.data[:f.safe+m.random.IntN(len(f.data)-f.safe+1)]
		}
		f.safe = len(f.data)
		m.files[name] = f
	}
	m.crashed, m.left = false, -1
}

func (m *machine) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.count(); err != nil {
		return nil, err
	}
	f := &simFile{}
	m.files[name] = f
	return &simWriter{m, f}, nil
}

func (m *machine) Open(name string) (ReadFile, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.count(); err != nil {
		return nil, err
	}
	f := m.files[name]
	if f == nil {
		return nil, fs.ErrNotExist
	}
	return simReader{bytes.NewReader(f.data)}, nil
}

func (m *machine) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.count(); err != nil {
		return err
	}
	f := m.files[from]
	if f == nil {
		return fs.ErrNotExist
	}
	delete(m.files, from)
	m.files[to] = f
	return nil
}

func (m *machine) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.count(); err != nil {
		return err
	}
	if m.files[name] == nil {
		return fs.ErrNotExist
	}
	delete(m.files, name)
	return nil
}

func (m *machine) Names() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.count(); err != nil {
		return nil, err
	}
	var names []string
	for name := range m.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func (m *machine) SyncDir() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.count(); err != nil {
		return err
	}
	m.safe = map[string]*simFile{}
	for name, f := range m.files {
		m.safe[name] = f
	}
	return nil
}

type simReader struct{ *bytes.Reader }

func (simReader) Close() error { return nil }

type simWriter struct {
	m *machine
	f *simFile
}

func (w *simWriter) Write(p []byte) (int, error) {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	if err := w.m.count(); err != nil {
		w.f.data = append(w.f.data, p[:w.m.random.IntN(len(p)+1)]...)
		return 0, err
	}
	if w.m.full >= 0 {
		used := 0
		for _, f := range w.m.files {
			used += len(f.data)
		}
		if used+len(p) > w.m.full {
			return 0, errors.New("no space left on device")
		}
	}
	w.f.data = append(w.f.data, p...)
	return len(p), nil
}

func (w *simWriter) Sync() error {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	if err := w.m.count(); err != nil {
		return err
	}
	w.f.safe = len(w.f.data)
	return nil
}

func (w *simWriter) Close() error { return nil }
