package store

import (
	"encoding/json"
	"strings"
	"testing"
)

var validSeeds = []string{
	``, ` `, `null`, ` true `, `false`, `nul`, `nulll`, `truefalse`, `0`, `-0`, `-`, `00`, `01`, `-1.5e+10`, `1.`, `.5`, `1e`, `1E-2`, `1e+`, `+1`,
	`""`, `"`, `"a`, `"\"`, `"\\"`, `"\u00e9"`, `"\u00g9"`, `"\u00"`, `"\x"`, "\"\n\"", "\"\x7f\xff\"", `"\u`, `"\`,
	`{}`, `{ }`, `{"a":1}`, `{"a":1,}`, `{"a" : [1 , {"b":null}] }`, `{a:1}`, `{"a"}`, `{"a":}`, `{,}`, `{"a":1 "b":2}`, `{`, `{"a"`, `{"a":1`,
	`[]`, `[ ]`, `[1,2]`, `[1,]`, `[,]`, `[1 2]`, `[`, `[1`, `]`, `}`, `1 2`, `{}[]`, "\ufeff1", "1\x00", `"@[` + "`" + `"`,
	`"\uABCD\uabcd\uAbCd"`, `"\uABC:"`, `"\u@123"`, `"\u` + "`" + `123"`,
}

// A body is valid when encoding/json says so.
func TestValid(t *testing.T) {
	for _, s := range validSeeds {
		if got, want := valid([]byte(s)), json.Valid([]byte(s)); got != want {
			t.Errorf("%q: %t, want %t", s, got, want)
		}
	}
	for _, n := range []int{maxDepth - 1, maxDepth, maxDepth + 1} {
		for _, s := range []string{strings.Repeat("[", n) + strings.Repeat("]", n), strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n)} {
			if got, want := valid([]byte(s)), json.Valid([]byte(s)); got != want {
				t.Errorf("%d deep: %t, want %t", n, got, want)
			}
		}
	}
}

func FuzzValid(f *testing.F) {
	for _, s := range validSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := valid(b), json.Valid(b); got != want {
			t.Errorf("%q: %t, want %t", b, got, want)
		}
	})
}

func BenchmarkValid(b *testing.B) {
	body := []byte(`{"x":"` + strings.Repeat("letters and spaces ", 50) + `","list":[` + strings.Repeat("12,", 20) + `0],"of":{"a":null,"b":true}}`)
	for name, f := range map[string]func([]byte) bool{"ours": valid, "encoding/json": json.Valid} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				f(body)
			}
		})
	}
}
