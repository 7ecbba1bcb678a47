package connectors

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"pw": "hunter 2\r\n", "none": "\n", "large": strings.Repeat("x", maxSecret+1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("TM_SECRET", " s3cret:x ")
	t.Setenv("TM_NO_SECRET", "")
	const literal = "password must not be written out, but say where the secret is (write password = 'env:NAME' for an environment variable, or password = 'file:PATH' for a file)"
	for _, c := range []struct{ value, want, err string }{
		{"env:TM_SECRET", " s3cret:x ", ""},
		{"file:pw", "hunter 2", ""},
		{"file:" + filepath.Join(dir, "pw"), "hunter 2", ""},
		{"env:TM_NO_SECRET", "", "password = 'env:TM_NO_SECRET': the environment variable TM_NO_SECRET is not set, or empty (export it before the start: export TM_NO_SECRET=…)"},
		{"file:gone", "", "password = 'file:gone': there is no file 'DIR/gone' (put the secret alone into a file that Tidemark may read)"},
		{"file:none", "", "password = 'file:none': the file 'DIR/none' is empty (put the secret alone into a file that Tidemark may read)"},
		{"file:large", "", "password = 'file:large': the file 'DIR/large' has 65537 bytes, which is no secret (put the secret alone into a file that Tidemark may read)"},
		{"file:.", "", "password = 'file:.': 'DIR' is a folder (put the secret alone into a file that Tidemark may read)"},
		{"hunter2", "", literal}, {"env:", "", literal}, {"Env:X", "", literal}, {"file: pw", "", literal}, {"", "", literal},
	} {
		got, err := Secret(NewOptions(map[string]string{"password": c.value}), "password", dir)
		text := ""
		if err != nil {
			text = strings.ReplaceAll(err.Error(), dir, "DIR")
		}
		if got != c.want || text != c.err {
			t.Errorf("%s: got %q, %s\nwant %q, %s", c.value, got, text, c.want, c.err)
		}
	}
	if got, err := Secret(Options{}, "password", dir); got != "" || err != nil {
		t.Errorf("not given: got %q, %v", got, err)
	}
}
