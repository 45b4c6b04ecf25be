package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/adapters/memory"
	"github.com/forewarn-go/forewarn/adapters/storagetest"
	"github.com/forewarn-go/forewarn/inventory"
	"github.com/forewarn-go/forewarn/store"
)

const file = `{"type":"ci","id":"Vmanage_10001","name":"Vmanage_10001","class":"sd_wan_controller"}

{"type":"service","id":"sdwan","name":"SD-WAN","critical":true,"relations":[{"type":"depends_on","to":"Vmanage_10001"}]}
  {"type":"account","id":"avid","name":"Avid","contact":"ann","contractValue":"0","currency":"USD","escalation":"high","custom":{"tier":1}}
{"type":"contact","id":"ann","name":"Ann","email":"ann@example.com","account":"avid"}
{"type":"install_base","id":"avid-1","service":"sdwan","account":"avid"}`

// A file is loaded whole, also the second time, when it changes nothing.
func TestImportIsIdempotent(t *testing.T) {
	e, inv := newMemory(t)
	for n, want := range []inventory.Result{{Written: 5}, {Unchanged: 5}} {
		if got, err := inv.Import(context.Background(), admin, strings.NewReader(file)); err != nil || got != want {
			t.Errorf("load %d: %+v, %v; want %+v", n, got, err, want)
		}
	}
	in(t, e, admin.Tenant, func(u *forewarn.Unit) error {
		a, err := inventory.One(u, inventory.Stored, inventory.Ref{Type: inventory.TypeAccount, ID: "avid"})
		if err != nil || a.ContractValue == nil || !a.ContractValue.IsZero() || a.Escalation != "high" || string(a.Custom["tier"]) != "1" {
			t.Errorf("account %+v, %v", a, err)
		}
		return nil
	})
	if got := standing(t, e, inventory.TypeService, 10, ci("Vmanage_10001")); !slices.Equal(got, []string{"service sdwan depends_on Vmanage_10001"}) {
		t.Errorf("on the controller stand %q", got)
	}
}

// What a file says is removed is gone, with its ways to others, and comes again when a later line brings it; a second load finds nothing to do.
func TestImportRemoves(t *testing.T) {
	for what, s := range map[string]store.Store{"large": memory.New(), "small": small{memory.New()}} {
		e, inv := newService(t, s)
		if _, err := inv.Import(context.Background(), admin, strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		gone := `{"type":"service","id":"sdwan","removed":true}` + "\n" + `{"type":"account","id":"avid","removed":true,"name":"whatever"}` + "\n" +
			`{"type":"contact","id":"ann","removed":true}` + "\n" + `{"type":"contact","id":"ann","name":"Ann"}` + "\n" + `{"type":"ci","id":"never","removed":true}`
		got, err := inv.Import(context.Background(), admin, strings.NewReader(gone))
		if err != nil || got != (inventory.Result{Removed: 3, Written: 1, Unchanged: 1}) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		in(t, e, admin.Tenant, func(u *forewarn.Unit) error {
			found, err := inventory.Stored.Items(u, ci("Vmanage_10001"), inventory.Ref{Type: inventory.TypeService, ID: "sdwan"},
				inventory.Ref{Type: inventory.TypeAccount, ID: "avid"}, inventory.Ref{Type: inventory.TypeContact, ID: "ann"})
			if err != nil || len(found) != 2 || found[0].ID != "Vmanage_10001" || found[1].ID != "ann" || found[1].Email != "" {
				t.Errorf("%s: %+v are left, %v", what, found, err)
			}
			return nil
		})
		if got := standing(t, e, inventory.TypeService, 10, ci("Vmanage_10001")); len(got) != 0 {
			t.Errorf("%s: on the controller stand %q", what, got)
		}
		if _, err := inv.Import(context.Background(), admin, strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		if got := standing(t, e, inventory.TypeService, 10, ci("Vmanage_10001")); !slices.Equal(got, []string{"service sdwan depends_on Vmanage_10001"}) {
			t.Errorf("%s: once it is back %q stand on the controller", what, got)
		}
	}
	_, inv := newMemory(t)
	_, err := inv.Import(context.Background(), admin, strings.NewReader(`{"type":"ci","removed":true}`))
	var is *forewarn.Error
	if !errors.As(err, &is) || is.Field != "id" {
		t.Errorf("a removal of nothing: %v", err)
	}
}

// An error names line, field and rule; what stands before the line is kept.
func TestImportRefuses(t *testing.T) {
	for name, c := range map[string]struct{ line, field, rule string }{
		"no JSON":             {`{"type":`, "item", "no JSON"},
		"a list":              {`[]`, "item", "no JSON"},
		"two on a line":       {`{"type":"ci","id":"x"}{"type":"ci","id":"y"}`, "item", "one item a line"},
		"unknown field":       {`{"type":"ci","id":"x","colour":"red"}`, "colour", "no field"},
		"unknown type":        {`{"type":"thing","id":"x"}`, "type", `"thing" is none`},
		"mistyped":            {`{"type":"ci","id":7}`, "id", "JSON number"},
		"mistyped in depth":   {`{"type":"ci","id":"x","relations":[{"type":1,"to":"y"}]}`, "relations.type", "JSON number"},
		"amount of no number": {`{"type":"account","id":"x","contractValue":"much"}`, "item", "no JSON of an item"},
		"no id":               {`{"type":"ci"}`, "id", "missing"},
		"relation to account": {`{"type":"ci","id":"x","relations":[{"type":"uses","to":"y","toType":"account"}]}`, "relations[0].toType", "neither"},
		"too long":            {`{"type":"ci","id":"` + strings.Repeat("x", 256<<10) + `"}`, "line", "262144 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			e, inv := newMemory(t)
			got, err := inv.Import(context.Background(), admin, strings.NewReader("{\"type\":\"ci\",\"id\":\"before\"}\n\n"+c.line+"\n{\"type\":\"ci\",\"id\":\"behind\"}"))
			var is *forewarn.Error
			if !errors.As(err, &is) || !errors.Is(err, forewarn.ErrInvalid) || is.Field != c.field || !strings.Contains(is.Rule, c.rule) ||
				!strings.HasPrefix(err.Error(), "line 3: ") {
				t.Errorf("got %v; want line 3, field %s, rule …%s…", err, c.field, c.rule)
			}
			if got != (inventory.Result{Written: 1}) {
				t.Errorf("result %+v", got)
			}
			in(t, e, admin.Tenant, func(u *forewarn.Unit) error {
				items, err := inventory.Stored.Items(u, ci("before"), ci("behind"))
				if err != nil || len(items) != 1 || items[0].ID != "before" {
					t.Errorf("stored: %v, %v", items, err)
				}
				return nil
			})
		})
	}
}

// A store that takes no more than every store does is filled too, also where items take away more links than they bring.
func TestImportIntoASmallStore(t *testing.T) {
	e, inv := newService(t, small{memory.New()})
	lines := func(relations int) string {
		var b strings.Builder
		for i := range 60 {
			fmt.Fprintf(&b, `{"type":"ci","id":"c%d","relations":[`, i)
			for r := range relations {
				if r > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, `{"type":"uses","to":"t%d"}`, r)
			}
			b.WriteString("]}\n")
		}
		return b.String()
	}
	for _, relations := range []int{40, 0, 40, 1} {
		got, err := inv.Import(context.Background(), admin, strings.NewReader(lines(relations)))
		if err != nil || got != (inventory.Result{Written: 60}) {
			t.Fatalf("%d relations: %+v, %v", relations, got, err)
		}
		for r := range 40 {
			want := 0
			if r < relations {
				want = 60
			}
			if got := len(standing(t, e, inventory.TypeCI, 1000, ci(fmt.Sprint("t", r)))); got != want {
				t.Fatalf("%d relations: on t%d stand %d; want %d", relations, r, got, want)
			}
		}
	}
}

// When the store fails the lines are named, and a second load completes the first.
func TestImportAfterAnOutage(t *testing.T) {
	failing := true
	s := storagetest.Wrap(small{memory.New()}, storagetest.Faults{FailBefore: func(n int) error {
		if failing && n == 3 {
			return storagetest.ErrFault
		}
		return nil
	}})
	_, inv := newService(t, s)
	var b strings.Builder
	for i := range 250 {
		fmt.Fprintf(&b, "{\"type\":\"account\",\"id\":\"a%d\"}\n", i)
	}
	got, err := inv.Import(context.Background(), admin, strings.NewReader(b.String()))
	if !errors.Is(err, forewarn.ErrUnavailable) || !strings.HasPrefix(err.Error(), "lines 201 to 250: ") || got.Written != 200 {
		t.Errorf("%+v, %v", got, err)
	}
	failing = false
	got, err = inv.Import(context.Background(), admin, strings.NewReader(b.String()))
	if err != nil || got != (inventory.Result{Written: 50, Unchanged: 200}) {
		t.Errorf("again: %+v, %v", got, err)
	}
}

// No line makes it panic, and what it takes comes back as it was: a second load changes nothing.
func FuzzImport(f *testing.F) {
	for line := range strings.Lines(file) {
		f.Add(line)
	}
	f.Add(`{"type":"ci","id":"x","relations":[{"type":"uses","to":"y","toType":"service"}],"custom":{"a":[1,{"b":null}]}}`)
	f.Add(`{"type":"account","id":"x","contractValue":1e5,"currency":"EUR"}`)
	f.Add("{\"type\":\"ci\",\"id\":\"\\u0000\"}")
	f.Add("{\"type\":\"ci\",\"id\":\"x\",\"removed\":true}\n{\"type\":\"ci\",\"id\":\"x\"}")
	f.Fuzz(func(t *testing.T, line string) {
		_, inv := newMemory(t)
		got, err := inv.Import(context.Background(), admin, strings.NewReader(line))
		if err != nil {
			if !errors.Is(err, forewarn.ErrInvalid) || !strings.HasPrefix(err.Error(), "line") {
				t.Fatalf("an error that names no line or kind: %v", err)
			}
			return
		}
		again, err := inv.Import(context.Background(), admin, strings.NewReader(line))
		if err != nil || again.Written != 0 && strings.Count(line, "\n") == 0 || again.Unchanged+again.Written+again.Removed != got.Unchanged+got.Written+got.Removed {
			t.Fatalf("first %+v, again %+v, %v", got, again, err)
		}
	})
}

// BenchmarkImport loads 300,000 lines into memory.
func BenchmarkImport(b *testing.B) {
	var text strings.Builder
	const n = 100_000
	for i := range n {
		fmt.Fprintf(&text, `{"type":"account","id":"a%d","name":"Account %d","contact":"c%d","contractValue":"1000.50","currency":"USD"}`+"\n", i, i, i)
		fmt.Fprintf(&text, `{"type":"contact","id":"c%d","name":"Contact %d","email":"c%d@example.com","account":"a%d"}`+"\n", i, i, i, i)
		fmt.Fprintf(&text, `{"type":"install_base","id":"i%d","name":"Site %d","service":"sdwan","account":"a%d"}`+"\n", i, i, i)
	}
	b.ReportAllocs()
	for b.Loop() {
		e, err := forewarn.New(forewarn.Config{Store: memory.New()})
		if err != nil {
			b.Fatal(err)
		}
		inv, err := inventory.New(inventory.Config{Engine: e})
		if err != nil {
			b.Fatal(err)
		}
		if got, err := inv.Import(context.Background(), admin, strings.NewReader(text.String())); err != nil || got.Written != 3*n {
			b.Fatalf("%+v, %v", got, err)
		}
	}
}
