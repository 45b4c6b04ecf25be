package techcase_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/forewarn-go/forewarn/techcase"
	"github.com/forewarn-go/forewarn/ticket"
)

// A field of one's own is set by its value, removed by null, and else left alone.
func TestFieldsOfOnesOwn(t *testing.T) {
	r := newRig(t)
	c := do(r.cases.Create(r.ctx, agent, techcase.Create{ShortDescription: "No signal", Custom: ticket.Custom{"rack": json.RawMessage(`7`), "none": json.RawMessage(`null`)}}))(t)
	for _, step := range []struct{ given, want ticket.Custom }{
		{nil, ticket.Custom{"rack": json.RawMessage(`7`)}},
		{ticket.Custom{"row": json.RawMessage(`"b"`)}, ticket.Custom{"rack": json.RawMessage(`7`), "row": json.RawMessage(`"b"`)}},
		{ticket.Custom{"rack": json.RawMessage(` null `)}, ticket.Custom{"row": json.RawMessage(`"b"`)}},
		{ticket.Custom{"rack": nil, "row": json.RawMessage(`"c"`), "never": json.RawMessage(`null`)}, ticket.Custom{"row": json.RawMessage(`"c"`)}},
		{ticket.Custom{"row": json.RawMessage(`null`)}, nil},
		{ticket.Custom{"row": json.RawMessage(`"null"`)}, ticket.Custom{"row": json.RawMessage(`"null"`)}},
	} {
		if got := do(r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Custom: step.given}))(t); !reflect.DeepEqual(got.Custom, step.want) {
			t.Errorf("after %s: %s, want %s", step.given, got.Custom, step.want)
		}
		if got := r.get(c.ID).Custom; !reflect.DeepEqual(got, step.want) {
			t.Errorf("kept after %s: %s, want %s", step.given, got, step.want)
		}
	}
	if _, err := r.cases.Update(r.ctx, agent, techcase.Update{Case: c.ID, Custom: ticket.Custom{"row": json.RawMessage(`{`)}}); err == nil {
		t.Error("what is no JSON was kept")
	} else if got := r.get(c.ID).Custom; string(got["row"]) != `"null"` {
		t.Errorf("half done: %s", got)
	}
}
