package source

import (
	"regexp"
	"strings"
)

// secrets find what looks like a password that is written out, in their last group: the
// value of an option that is called so, and what an address has before its host or in its
// query. They are many rather than few, as an excerpt may end in a log that others read.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(?:pass?w\w*|pwd|secret|tls_key)["'\x60]?\s*=\s*'((?:[^']|'')+)`),
	regexp.MustCompile(`(?i)(?:pass?w\w*|pwd|secret)\s*=\s*"([^"']+)`),
	regexp.MustCompile(`(?i)[?&][^=&'\s]*(?:pass?w\w*|pwd|secret)[^=&'\s]*=([^&'\s]+)`),
	regexp.MustCompile(`://[^\s'/:@]*:([^']+)@`),
}

// masked returns a text with asterisks for what looks like a secret in it, one for each
// byte, so that places in it stay what they are. Where a secret is to be found is none.
func masked(text string) string {
	for _, r := range secrets {
		for _, m := range r.FindAllStringSubmatchIndex(text, -1) {
			from, to := m[2], m[3]
			if found := text[from:to]; !strings.HasPrefix(found, "env:") && !strings.HasPrefix(found, "file:") {
				text = text[:from] + strings.Repeat("*", to-from) + text[to:]
			}
		}
	}
	return text
}
