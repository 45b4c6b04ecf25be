package tmf

import "github.com/forewarn-go/forewarn/ticket"

// Extension is the one element that a ticket of ours has beyond TMF621 v4.0.0.
// TMF621 v5 has it under this name. Its entries are those of [Extensions].
const Extension = "troubleTicketCharacteristic"

// The entries of [Extension].
const (
	Number          = "number"          // string: the number that people know the ticket by
	Category        = "category"        // string; also read when a ticket is posted
	SubCategory     = "subCategory"     // string; also read when a ticket is posted
	Stage           = "stage"           // string: escalation or playbook stage
	AssignmentGroup = "assignmentGroup" // string
	ResolutionCode  = "resolutionCode"  // string
	ResolutionNotes = "resolutionNotes" // string
	Cause           = "cause"           // string
	Proactive       = "proactive"       // boolean, always there: opened before a customer called
	Major           = "major"           // boolean, on a major case only
	NoteCount       = "noteCount"       // integer: public notes that were announced so far; note has those of this event
)

// The entries of an event's analyticCharacteristic.
const (
	// ChangedAttribute is an array of strings on an event that tells of changed attributes: their names in the ticket.
	ChangedAttribute = "changedAttribute"
	// PreviousStatus is a string on an event that tells of a change of status.
	PreviousStatus = "previousStatus"
)

// Extensions returns the entries of [Extension] for a ticket, in the order of the constants.
func Extensions(s ticket.Snapshot) []Characteristic {
	var all []Characteristic
	text := func(name, value string) {
		if value != "" {
			all = append(all, Characteristic{Name: name, ValueType: "string", Value: value})
		}
	}
	text(Number, s.Number)
	text(Category, s.Category)
	text(SubCategory, s.Subcategory)
	text(Stage, s.Stage)
	text(AssignmentGroup, s.Group)
	text(ResolutionCode, s.ResolutionCode)
	text(ResolutionNotes, s.ResolutionNotes)
	text(Cause, s.Cause)
	all = append(all, Characteristic{Name: Proactive, ValueType: "boolean", Value: s.Proactive})
	if s.Major {
		all = append(all, Characteristic{Name: Major, ValueType: "boolean", Value: true})
	}
	if s.CommentCount > 0 {
		all = append(all, Characteristic{Name: NoteCount, ValueType: "integer", Value: s.CommentCount})
	}
	return all
}

// attributes are the names in the ticket of those names of ticket.Event.Changed that differ.
var attributes = map[string]string{
	"entities": "relatedEntity",
	"parties":  "relatedParty",
	"comments": "note",
}

// Attribute returns the name in the ticket, or in [Extension], of an attribute that [ticket.Event] names.
func Attribute(changed string) string {
	if name, ok := attributes[changed]; ok {
		return name
	}
	return changed
}
