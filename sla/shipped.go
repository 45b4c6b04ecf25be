package sla

import (
	_ "embed"
	"time"

	"github.com/forewarn-go/forewarn/sla/schedule"
)

//go:embed technology_support.json
var technologySupport []byte

//go:embed definitions.schema.json
var definitionsSchema []byte

// BusinessHours is the name of the calendar that the shipped definitions count on.
const BusinessHours = "business_hours"

// TechnologySupport returns the six definitions of technology product support: first and ongoing response and
// resolution, for priority 2 and for priorities 3 and 4. None is for priority 1; add one of your own where you
// promise something for it.
//
// They are asked of tasks of type case with the fields state and priority, and with proactive, which is "true" for a
// case that nobody has submitted: it has no response times, but one of resolution. Of the facts' kinds they know submit and
// open, since which time counts; first_response, agent_comment and agent_mail, which answer the customer; and reject,
// since which the next answer is waited for.
func TechnologySupport() []Definition {
	all, err := ParseDefinitions(technologySupport)
	if err != nil {
		panic(err) // what is shipped is parsed in every test
	}
	return all
}

// TechnologySupportJSON returns the same as JSON, to be changed and kept.
func TechnologySupportJSON() []byte { return append([]byte(nil), technologySupport...) }

// DefinitionsSchema returns the JSON schema of what ParseDefinitions reads.
func DefinitionsSchema() []byte { return append([]byte(nil), definitionsSchema...) }

// ExampleHours returns a schedule that the examples count on: Monday to Friday, 09:00 to 17:00, in the zone.
func ExampleHours(zone string) schedule.Schedule {
	return schedule.Schedule{Name: BusinessHours, Zone: zone, Week: schedule.Weekdays(schedule.Hours(9, 17)),
		DayLength: schedule.Duration(8 * time.Hour)}
}
