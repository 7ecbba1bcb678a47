package connectors

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxSecret is how many bytes a file with a secret may have.
const maxSecret = 64 << 10

// Secret returns the secret that an option stands for: 'env:NAME' is the value of an
// environment variable, 'file:PATH' the content of a file without the line end behind
// it, where a relative path starts from baseDir (empty is the working directory). It is
// empty when the option is not given. A secret that is written out is refused, as it
// would be seen by all who read the statement. No error contains the secret.
func Secret(o Options, name, baseDir string) (string, error) {
	v, ok := o.Get(name)
	if !ok {
		return "", nil
	}
	if err := checkSecret(name, v); err != nil {
		return "", err
	}
	kind, place, _ := strings.Cut(v, ":")
	if kind == "env" {
		secret := os.Getenv(place)
		if secret == "" {
			return "", &OptionError{name, fmt.Sprintf("%s = '%s': the environment variable %s is not set, or empty", name, v, place), "export it before the start: export " + place + "=…"}
		}
		return secret, nil
	}
	secret, err := readSecret(place, baseDir)
	if err != nil {
		return "", &OptionError{name, fmt.Sprintf("%s = '%s': %s", name, v, err), "put the secret alone into a file that Tidemark may read"}
	}
	return secret, nil
}

// readSecret reads a file with a secret.
func readSecret(path, baseDir string) (string, error) {
	if baseDir != "" && !filepath.IsAbs(path) {
		path = filepath.Join(baseDir, path)
	}
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return "", fmt.Errorf("there is no file '%s'", path)
	case err != nil:
		return "", fmt.Errorf("the file '%s' cannot be read", path)
	case info.IsDir():
		return "", fmt.Errorf("'%s' is a folder", path)
	case info.Size() > maxSecret:
		return "", fmt.Errorf("the file '%s' has %d bytes, which is no secret", path, info.Size())
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the file '%s' cannot be read", path)
	}
	secret := strings.TrimRight(string(content), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("the file '%s' is empty", path)
	}
	return secret, nil
}

// checkSecret refuses the value of a secret option that is not the place of one. The
// value is not shown: it may be the secret.
func checkSecret(name, value string) error {
	kind, place, _ := strings.Cut(value, ":")
	if (kind == "env" || kind == "file") && place != "" && strings.TrimSpace(place) == place {
		return nil
	}
	return &OptionError{name, fmt.Sprintf("%s must not be written out, but say where the secret is", name),
		fmt.Sprintf("write %s = 'env:NAME' for an environment variable, or %s = 'file:PATH' for a file", name, name)}
}

// ParseAddress returns the url that an option is, which must have one of the schemes and
// no password in it. No error shows the url, as a password may be anywhere in one that
// is wrong; example is what one looks like.
func ParseAddress(o Options, name, example string, schemes ...string) (*url.URL, error) {
	text, _ := o.Get(name)
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, u.Scheme) {
		return nil, &OptionError{name, fmt.Sprintf("the %s is not the address of a server", name), fmt.Sprintf("write for example %s = '%s'", name, example)}
	}
	_, written := u.User.Password()
	for key := range u.Query() {
		written = written || strings.Contains(strings.ToLower(key), "password")
	}
	if written {
		return nil, &OptionError{name, fmt.Sprintf("the %s must not have the password in it", name), "take it out, and write password = 'env:NAME' or password = 'file:PATH'"}
	}
	return u, nil
}

// OnlyAddress refuses options that say again what the url that is the option name says.
func OnlyAddress(o Options, name string, others ...string) error {
	for _, other := range others {
		if o.Has(other) {
			return &OptionError{other, fmt.Sprintf("the %s says it all, and %s says it again", name, other), "leave out one of the two"}
		}
	}
	return nil
}
