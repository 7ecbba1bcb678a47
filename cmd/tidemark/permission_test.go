package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestUnreadableFile runs tidemark over a file it may not read; as another user
// when the test's own may read everything.
func TestUnreadableFile(t *testing.T) {
	dir, err := os.MkdirTemp("", "tidemark") // unlike t.TempDir, all the way open to others
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path, err := exec.LookPath("tidemark")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	script := "CREATE STREAM s (a INT)\nWITH (path = 'in.csv');\nSELECT a FROM s;\n"
	for name, content := range map[string][]byte{"tidemark": program, "in.csv": []byte("a\n1\n"), "q.sql": []byte(script)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"": 0o755, "tidemark": 0o755, "in.csv": 0} {
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(filepath.Join(dir, "tidemark"), "run", "-q", "q.sql")
	cmd.Dir, cmd.Env = dir, withoutTidemark(os.Environ())
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
		t.Fatalf("ended with %v\n%s", err, &stderr)
	}
	for _, want := range []string{"q.sql:2:7: no permission to open 'in.csv'", "^^^^^^", "chmod a+r"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &stderr)
		}
	}
}
