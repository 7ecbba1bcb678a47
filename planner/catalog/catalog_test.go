package catalog

import (
	"testing"

	"tidemark/parser/source"
)

type definition struct{}

func (definition) Span() source.Span { return source.Span{} }

// Relations and views share one space of names, without regard to case.
func TestNames(t *testing.T) {
	c := New()
	s, v := &Relation{Name: "Clicks"}, &View{Name: "Daily", Definition: definition{}}
	if !c.Add(s) || !c.AddView(v) {
		t.Fatal("fresh names are taken")
	}
	if c.Add(&Relation{Name: "CLICKS"}) || c.Add(&Relation{Name: "daily"}) || c.AddView(&View{Name: "clicks"}) || c.AddView(&View{Name: "DAILY"}) {
		t.Error("a name was given twice")
	}
	if c.Lookup("clicks") != s || c.Lookup("daily") != nil || c.View("DAILY") != v || c.View("clicks") != nil {
		t.Error("names do not find what they name")
	}
	if !c.Add(&Relation{Name: "a"}) || !c.AddView(&View{Name: "b"}) {
		t.Fatal("fresh names are taken")
	}
	if r := c.Relations(); len(r) != 2 || r[0] != s || r[1].Name != "a" {
		t.Errorf("relations are not in the order of their declaration: %v", r)
	}
	if w := c.Views(); len(w) != 2 || w[0] != v || w[1].Name != "b" {
		t.Errorf("views are not in the order of their declaration: %v", w)
	}
}

func TestOptions(t *testing.T) {
	r := &Relation{Options: []Option{{Key: "path", Value: "a.csv"}, {Key: "format", Value: "csv"}}}
	if r.Option("format") != "csv" || r.Option("nope") != "" {
		t.Error("options are not found")
	}
	if m := r.OptionMap(); len(m) != 2 || m["path"] != "a.csv" {
		t.Errorf("the map is %v", m)
	}
}
