package schedule

import _ "embed"

//go:embed schedule.schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of a schedule, for editors and other languages; that of a [Library] is
// its definition "library". What [Parse] takes is valid by it. Parse refuses more: it knows which dates and zones there are.
func Schema() []byte { return []byte(schema) }
