// Command decide checks, asks, explains, converts and tests decision tables.
//
//	go run ./examples/decide check psew/escalation.json
//	go run ./examples/decide eval psew/escalation.json -input category=SD-WAN -input "subcategory=Link failure" -input stage=Triage
//	go run ./examples/decide explain psew/escalation.json -json incident.json
//	go run ./examples/decide convert psew/escalation.json -to xlsx -o escalation.xlsx
//	go run ./examples/decide test psew/escalation.json cases.csv
//	go run ./examples/decide bench psew/escalation.json
//
// A table is a file of JSON, CSV or Excel, by its extension. decide help COMMAND tells more.
package main

import (
	"os"

	"github.com/forewarn-go/forewarn/internal/subcommand"
)

var program = subcommand.Program{
	Name:  "decide",
	About: "decide checks, asks, explains, converts and tests decision tables.",
	Notes: "A table is a file of JSON, CSV or Excel, by its extension; \"-\" is JSON from the standard input. A workbook may have several\n" +
		"tables: -table NAME says which.\n",
	Commands: []subcommand.Command{
		{Name: "check", Synopsis: "check [-table NAME] [-format text|json] FILE…", Help: checkHelp, Run: check},
		{Name: "eval", Synopsis: "eval [-table NAME] [-input NAME=VALUE]… [-json FILE] [-format text|json] FILE", Help: evalHelp, Run: eval},
		{Name: "explain", Synopsis: "explain [-table NAME] [-input NAME=VALUE]… [-json FILE] [-format text|json] FILE", Help: explainHelp, Run: explain},
		{Name: "convert", Synopsis: "convert -to json|csv|xlsx|markdown [-table NAME] [-o OUT] FILE", Help: convertHelp, Run: convert},
		{Name: "test", Synopsis: "test [-table NAME] [-full] FILE CASES", Help: testHelp, Run: test},
		{Name: "bench", Synopsis: "bench [-table NAME] [-time 1s] FILE", Help: benchHelp, Run: bench},
	},
}

func main() {
	os.Exit(program.Run(os.Args[1:], subcommand.Streams{In: os.Stdin, Out: os.Stdout, Errs: os.Stderr}))
}

// format declares the flag -format.
func format(c *subcommand.Call) *string {
	return c.Choice("format", "print as `text|json`", "text", "json")
}

// named declares the flag -table.
func named(c *subcommand.Call) *string {
	return c.String("table", "", "the `NAME` of the table, when the file has several")
}
