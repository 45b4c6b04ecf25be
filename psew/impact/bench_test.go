package impact_test

import (
	"fmt"
	"testing"

	"github.com/forewarn-go/forewarn/psew/impact"
)

// BenchmarkCalculate takes 100,000 nodes: a chain as deep as that with a
// cycle, and a tree with 100,000 install-base items of 100,000 accounts.
func BenchmarkCalculate(b *testing.B) {
	const n = 100_000
	b.Run("chain", func(b *testing.B) {
		g, seed := chain(n)
		run(b, g, seed, 1)
	})
	b.Run("accounts", func(b *testing.B) {
		g := impact.Graph{}
		for i := range n {
			node := impact.Node{ID: fmt.Sprint("n", i), Kind: impact.Service}
			if i > 0 {
				node.Relations = []impact.Relation{{Type: "depends_on", To: fmt.Sprint("n", i/10)}}
			}
			account := fmt.Sprint("a", i)
			g.Nodes = append(g.Nodes, node)
			g.Accounts = append(g.Accounts, impact.Account{ID: account})
			g.InstallBase = append(g.InstallBase, impact.Item{ID: fmt.Sprint("i", i), Service: node.ID, Account: account})
		}
		run(b, g, "n0", n)
	})
}

func run(b *testing.B, g impact.Graph, seed string, rows int) {
	b.ReportAllocs()
	for b.Loop() {
		r, err := impact.Calculate(g, []string{seed}, nil)
		if err != nil || len(r.Rows) != rows {
			b.Fatalf("%d rows, %v", len(r.Rows), err)
		}
	}
}
