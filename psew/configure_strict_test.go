package psew_test

import (
	"testing"

	"github.com/forewarn-go/forewarn/psew"
)

// What is answered is what is kept, to the letter: the desk's engine is strict and refuses any other answer.
func TestConfiguringAnswersWhatIsKept(t *testing.T) {
	d := newDesk(t, deskConfig{})
	table := psew.DefaultTable()
	table.Rules = table.Rules[1:]
	out := must[psew.StoredPolicy](d)(d.incidents.SetPolicy(d.ctx, admin, psew.SetPolicy{Table: table}))
	if len(out.Table.Rules) != 19 {
		t.Errorf("the policy has %d rows", len(out.Table.Rules))
	}
	if set := must[psew.Settings](d)(d.incidents.SetProperty(d.ctx, admin, psew.SetProperty{Name: psew.PropertyCodes, Value: "{}"})); set.ResolutionCodes != nil {
		t.Errorf("the codes are %v", set.ResolutionCodes)
	}
}
