// Command slaclock asks business calendars and SLA clocks, and says why they answer as they do.
//
//	go run ./examples/slaclock due -calendar office.json -start 2024-06-06T10:00:00Z -target 8h
//	go run ./examples/slaclock run vectors.json
//	go run ./examples/slaclock run -check scenarios.json
//	go run ./examples/slaclock explain scenarios.json s009
//	go run ./examples/slaclock explain -svg scenarios.json s009 > s009.svg
//	go run ./examples/slaclock lint definitions.json
//
// Its clocks are those of package sla; the states and the auto close of a scenario's case are those of package
// techcase. slaclock help COMMAND tells more.
package main

import (
	"os"
	_ "time/tzdata" // deadlines do not depend on the host's table of zones

	"github.com/forewarn-go/forewarn/internal/subcommand"
)

var program = subcommand.Program{
	Name:  "slaclock",
	About: "slaclock asks business calendars and SLA clocks.",
	Commands: []subcommand.Command{
		{Name: "due", Synopsis: "due -calendar FILE [-name NAME] -start T -target 8h [-pause FROM/TO]… [-json]", Help: dueHelp, Run: due},
		{Name: "run", Synopsis: "run [-check] FILE", Help: runHelp, Run: run},
		{Name: "explain", Synopsis: "explain [-svg|-json] FILE ID", Help: explainHelp, Run: explain},
		{Name: "lint", Synopsis: "lint [-from DATE] [-to DATE] FILE|-shipped", Help: lintHelp, Run: lint},
	},
}

func main() {
	os.Exit(program.Run(os.Args[1:], subcommand.Streams{In: os.Stdin, Out: os.Stdout, Errs: os.Stderr}))
}
