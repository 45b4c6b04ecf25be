package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/forewarn-go/forewarn/internal/machine"
)

func TestMermaid(t *testing.T) {
	want := `stateDiagram-v2
    state "Walled up" as Walled_up
    [*] --> Open
    [*] --> Shut
    Open --> Shut : push
    Shut --> Open : push [unless locked]
    Shut --> Shut : knock
    Shut --> Walled_up : brick
    Walled_up --> [*]
`
	if got := build(t, door()).Mermaid(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMarkdown(t *testing.T) {
	want := `| From | Trigger | When | To | Who may | Requires | What follows |
|---|---|---|---|---|---|---|
| Open | push |  | Shut |  |  | bang |
| Shut | push | unless locked | Open | guest |  |  |
| Shut | knock |  | Shut |  |  |  |
| Shut | brick |  | Walled up | mason | bricks |  |
| Shut | push | if locked | refused: it is locked |  |  |  |
| Open | knock, brick |  | refused: nobody does that to an open door |  |  |  |
| Walled up | any |  | refused: Walled up is final |  |  |  |
`
	if got := build(t, door()).Markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Names that mean something to Mermaid or Markdown are shown as they are.
func TestPrintingEscapes(t *testing.T) {
	m, err := machine.New(table{
		Name:     "odd",
		States:   []state{"a b", "a-b", "end", "ü"},
		Triggers: []trigger{`go: "on"; #1|2 <x>`},
		Starts:   []state{"a b"},
		Final:    []state{"ü"},
		Edges: []edge{
			{From: "a b", On: `go: "on"; #1|2 <x>`, To: "a-b"},
			{From: "a-b", On: `go: "on"; #1|2 <x>`, To: "end"},
			{From: "end", On: `go: "on"; #1|2 <x>`, To: "ü"},
		},
	}, machine.Words{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`state "a b" as a_b` + "\n", `state "a-b" as a_b_2` + "\n", `state "end" as end_` + "\n", `state "ü" as _` + "\n",
		"a_b --> a_b_2 : go#58; #quot;on#quot;#59; #35;1|2 <x>\n",
	} {
		if !strings.Contains(m.Mermaid(), want) {
			t.Errorf("no %q in\n%s", want, m.Mermaid())
		}
	}
	if want := `| a b | go: "on"; #1\|2 &lt;x> |  | a-b |`; !strings.Contains(m.Markdown(), want) {
		t.Errorf("no %q in\n%s", want, m.Markdown())
	}
}

// A lamp that does not light when the fuse is gone, and can be broken for good.
func ExampleMachine_Mermaid() {
	type State string
	type Trigger string
	lamp, err := machine.New(machine.Table[State, Trigger]{
		Name:     "lamp",
		States:   []State{"Off", "On", "Broken"},
		Triggers: []Trigger{"press", "drop"},
		Starts:   []State{"Off"},
		Final:    []State{"Broken"},
		Edges: []machine.Edge[State, Trigger]{
			{From: "Off", On: "press", To: "On", If: []machine.Fact{"fuse is whole"}},
			{From: "On", On: "press", To: "Off"},
			{From: "On", On: "drop", To: "Broken", Follows: []string{"sweep the floor"}},
			{From: "Off", On: "drop", To: "Broken", Follows: []string{"sweep the floor"}},
		},
		Refused: []machine.Refusal[State, Trigger]{
			{From: []State{"Off"}, On: []Trigger{"press"}, Unless: []machine.Fact{"fuse is whole"}, Why: "there is no current"},
		},
	}, machine.Words{Facts: []machine.Fact{"fuse is whole"}, Follows: []string{"sweep the floor"}})
	if err != nil {
		panic(err)
	}
	fmt.Print(lamp.Mermaid())
	_, err = lamp.Next("Off", "press")
	fmt.Println(err)
	// Output:
	// stateDiagram-v2
	//     [*] --> Off
	//     Off --> On : press [if fuse is whole]
	//     On --> Off : press
	//     On --> Broken : drop
	//     Off --> Broken : drop
	//     Broken --> [*]
	// lamp: "press" is refused in state "Off": there is no current; allowed there: "drop"
}
