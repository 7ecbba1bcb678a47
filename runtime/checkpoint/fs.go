package checkpoint

import (
	"io"
	"os"
	"path/filepath"
)

// FS is the folder that a store is in. Names have no separators. What was written is
// safe from a crash of the machine when Sync of the file, and SyncDir for its name, have
// returned.
type FS interface {
	// Create makes a file, or empties one that is there.
	Create(name string) (File, error)
	// Open opens a file to be read.
	Open(name string) (ReadFile, error)
	// Rename gives a file another name, which may be that of one that is there.
	Rename(from, to string) error
	Remove(name string) error
	// Names lists the files.
	Names() ([]string, error)
	// SyncDir makes the names safe.
	SyncDir() error
}

// ReadFile is a file that is being read.
type ReadFile interface {
	io.ReadCloser
	io.ReaderAt
}

// File is a file that is being written.
type File interface {
	io.WriteCloser
	// Sync makes safe what was written.
	Sync() error
}

// Dir is a folder of the machine.
type Dir string

// Create implements FS.
func (d Dir) Create(name string) (File, error) { return os.Create(d.path(name)) }

// Open implements FS.
func (d Dir) Open(name string) (ReadFile, error) {
	f, err := os.Open(d.path(name))
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Rename implements FS.
func (d Dir) Rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }

// Remove implements FS.
func (d Dir) Remove(name string) error { return os.Remove(d.path(name)) }

// Names implements FS.
func (d Dir) Names() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

// SyncDir implements FS.
func (d Dir) SyncDir() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func (d Dir) path(name string) string { return filepath.Join(string(d), name) }
