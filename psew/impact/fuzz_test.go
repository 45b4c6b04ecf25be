package impact_test

import (
	"encoding/json"
	"testing"

	"github.com/forewarn-go/forewarn/psew/impact"
)

// What is read is written again as it was meant, whatever the text.
func FuzzKeptState(f *testing.F) {
	f.Add([]byte(`{"reached":["a","b"],"asked":1}`))
	f.Add([]byte(`{"unowned":2,"shares":[{"party":"account:a:b","install_base":2,"critical":["y","x","y"]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		again(t, in, &impact.Reach{}, &impact.Reach{})
		again(t, in, &impact.Tally{}, &impact.Tally{})
	})
}

func again(t *testing.T, in []byte, first, second json.Unmarshaler) {
	if json.Unmarshal(in, first) != nil {
		return
	}
	once := text(t, first)
	if err := json.Unmarshal([]byte(once), second); err != nil {
		t.Fatalf("%s is not read again: %v", once, err)
	}
	if twice := text(t, second); twice != once {
		t.Fatalf("%s became %s", once, twice)
	}
}
