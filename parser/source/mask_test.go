package source

import (
	"strings"
	"testing"
)

// What an error shows of a statement has no password that stands in it.
func TestMasked(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`WITH (sasl_password = 'hunter2', topic = 't')`, `WITH (sasl_password = '*******', topic = 't')`},
		{`'schema_registry.password'='it''s', a = 'b'`, `'schema_registry.password'='*****', a = 'b'`},
		{`sasl_pasword = 'hunter2'`, `sasl_pasword = '*******'`},
		{`PASSWORD='open`, `PASSWORD='****`},
		{`tls_key = '-----BEGIN'`, `tls_key = '**********'`},
		{`password = 'env:NAME', p2 = 'x'`, `password = 'env:NAME', p2 = 'x'`},
		{`password = 'file:pw.txt'`, `password = 'file:pw.txt'`},
		{`url = 'postgres://app:s3/cr@t@db:5432/shop'`, `url = 'postgres://app:*******@db:5432/shop'`},
		{`url = 'postgres://app@db:5432/shop?sslpassword=s3&x=1'`, `url = 'postgres://app@db:5432/shop?sslpassword=**&x=1'`},
		{`'jaas' = 'required username="a" password="s3";'`, `'jaas' = 'required username="a" password="**";'`},
		{`brokers = 'a:1', topic = 't'`, `brokers = 'a:1', topic = 't'`},
		{`SELECT password FROM t WHERE x = 'a'`, `SELECT password FROM t WHERE x = 'a'`},
		{`path = 'http://h:80/x', note = 'me@home'`, `path = 'http://h:80/x', note = 'me@home'`},
	} {
		if got := masked(c.text); got != c.want {
			t.Errorf("%s\nis shown as %s\nwant        %s", c.text, got, c.want)
		}
	}
	text := "CREATE STREAM s (x INT) WITH (password = 'hünter2', topic = 't')"
	d := Diagnostic{File: NewFile("q.sql", text), Span: Span{strings.Index(text, "topic"), strings.Index(text, "topic") + 5}, Message: "no"}
	got := d.Render()
	if strings.Contains(got, "nter2") || strings.Index(strings.Split(got, "\n")[2], "^") != strings.Index(strings.Split(got, "\n")[1], "topic") {
		t.Error(got)
	}
}
