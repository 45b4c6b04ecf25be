package tmf

import (
	"encoding/json"
	"strings"

	"github.com/forewarn-go/forewarn/ticket"
)

// The values of @referredType that a posted ticket's meaning hangs on.
const (
	ReferredCI       = "cmdb_ci"
	ReferredService  = "cmdb_ci_service"
	ReferredCustomer = "customer"
)

// Create is a ticket that an outside system posts. What the server sets (status,
// id, href, and the dates of creation, change and resolution) is not in it.
type Create struct {
	Name        string // as given, or else the first line of the description
	Description string
	Severity    string // as given
	Priority    int    // what the severity sets, 1 to 5
	TicketType  string // as given
	Case        bool   // ticketType is Case in any spelling; an incident otherwise
	ExternalID  string // "" when none was given
	Channel     string // the channel's id, or else its name

	CI          string // id of the related entity that is a cmdb_ci or cmdb_ci_service; "" for none
	Category    string
	Subcategory string
	Account     string // id of the related party that is a customer; "" for none, which a case never has

	Entities []ticket.Entity // all, the CI among them
	Parties  []ticket.Party  // all, the customer among them
	Notes    []CreateNote
	// Custom are the other entries of troubleTicketCharacteristic by their name.
	Custom ticket.Custom
}

// CreateNote is a note of a posted ticket.
type CreateNote struct {
	Author string // as given, "" when none was
	Text   string
	Work   bool // a work note; a comment otherwise
}

// created are the attributes of TMF621 v4.0.0's TroubleTicket_Create, what the server sets on the resource, and Extension.
var created = []string{
	"creationDate", "description", "expectedResolutionDate", "externalId", "lastUpdate", "name", "priority",
	"requestedResolutionDate", "resolutionDate", "severity", "statusChangeDate", "statusChangeReason", "ticketType",
	"attachment", "channel", "note", "relatedEntity", "relatedParty", "status", "statusChange",
	"troubleTicketRelationship", "@baseType", "@schemaLocation", "@type", "id", "href", Extension,
}

// ParseCreate reads the body of a POST of a TMF621 v4.0.0 trouble ticket. It
// returns an *InvalidError that names the attribute and the rule: the body is
// over a limit, is no JSON object, or has an attribute twice, of another type or
// of another spelling than TMF621's; description, severity or ticketType is
// missing or blank; a note has no text; a related entity or party lacks what
// TMF621 requires of it; two related entities are the CI; or a Case has no
// related party customer. Whether CI, category and account exist is not asked
// here.
//
// What the server sets, status among it, is taken whatever it says and has no
// effect, and neither have attachment, priority, troubleTicketRelationship,
// requested and expected resolution date.
func ParseCreate(body []byte) (Create, error) {
	o, err := readBody(body)
	if err != nil {
		return Create{}, err
	}
	if err := o.only(created...); err != nil {
		return Create{}, err
	}
	var c Create
	for _, step := range []func(*Create, object) error{
		readMandatory, readOptional, readEntities, readParties, readNotes, readCharacteristics,
	} {
		if err := step(&c, o); err != nil {
			return Create{}, err
		}
	}
	if c.Case && c.Account == "" {
		return Create{}, invalid("relatedParty", "must name a customer with the account's id when ticketType is Case")
	}
	return c, nil
}

func readMandatory(c *Create, o object) (err error) {
	if c.Description, err = o.required("description"); err != nil {
		return err
	}
	if c.Severity, err = o.required("severity"); err != nil {
		return err
	}
	if c.TicketType, err = o.required("ticketType"); err != nil {
		return err
	}
	c.Priority = SeverityPriority(c.Severity)
	c.Case = strings.EqualFold(strings.TrimSpace(c.TicketType), string(ticket.TypeCase))
	return nil
}

func readOptional(c *Create, o object) (err error) {
	if c.Name, _, err = o.text("name"); err != nil {
		return err
	}
	if c.Name = strings.TrimSpace(c.Name); c.Name == "" {
		c.Name = firstLine(c.Description)
	}
	if c.ExternalID, _, err = o.text("externalId"); err != nil {
		return err
	}
	for _, name := range []string{"priority", "@baseType", "@schemaLocation", "@type"} {
		if _, _, err := o.text(name); err != nil {
			return err
		}
	}
	for _, name := range []string{"requestedResolutionDate", "expectedResolutionDate"} {
		if _, err := o.time(name); err != nil {
			return err
		}
	}
	for _, name := range []string{"attachment", "troubleTicketRelationship"} {
		if _, err := o.objects(name); err != nil {
			return err
		}
	}
	channel, there, err := o.object("channel")
	if err != nil || !there {
		return err
	}
	if c.Channel, _, err = channel.text("id"); err != nil {
		return err
	}
	name, _, err := channel.text("name")
	if c.Channel == "" {
		c.Channel = name
	}
	return err
}

// firstLine returns the first line that is not blank.
func firstLine(s string) string {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

func readEntities(c *Create, o object) error {
	list, err := o.objects("relatedEntity")
	if err != nil {
		return err
	}
	for _, e := range list {
		var out ticket.Entity
		if out.ID, err = e.required("id"); err != nil {
			return err
		}
		if out.Role, err = e.required("role"); err != nil {
			return err
		}
		if out.Type, err = e.required("@referredType"); err != nil {
			return err
		}
		if out.Name, _, err = e.text("name"); err != nil {
			return err
		}
		if out.Type == ReferredCI || out.Type == ReferredService {
			if c.CI != "" {
				return invalid(e.path, "is a second configuration item; a ticket has one")
			}
			c.CI = out.ID
		}
		c.Entities = append(c.Entities, out)
	}
	return nil
}

func readParties(c *Create, o object) error {
	list, err := o.objects("relatedParty")
	if err != nil {
		return err
	}
	for _, p := range list {
		var out ticket.Party
		if out.ID, err = p.required("id"); err != nil {
			return err
		}
		if out.Type, err = p.required("@referredType"); err != nil {
			return err
		}
		if out.Role, _, err = p.text("role"); err != nil {
			return err
		}
		if out.Name, _, err = p.text("name"); err != nil {
			return err
		}
		if out.Type == ReferredCustomer {
			if c.Account != "" {
				return invalid(p.path, "is a second customer; a ticket has one")
			}
			c.Account = out.ID
		}
		c.Parties = append(c.Parties, out)
	}
	return nil
}

func readNotes(c *Create, o object) error {
	list, err := o.objects("note")
	if err != nil {
		return err
	}
	for _, n := range list {
		var out CreateNote
		if out.Text, err = n.required("text"); err != nil {
			return err
		}
		if len(out.Text) > ticket.MaxText {
			return invalid(n.at("text"), "is over %d bytes", ticket.MaxText)
		}
		if out.Author, _, err = n.text("author"); err != nil {
			return err
		}
		kind, _, err := n.text("@type")
		if err != nil {
			return err
		}
		// TM Forum's own clients say Note, the name of the element, which says nothing of the kind.
		switch kind {
		case "", Comments, "Note":
		case WorkNotes:
			out.Work = true
		default:
			return invalid(n.at("@type"), "is neither %s nor %s", Comments, WorkNotes)
		}
		c.Notes = append(c.Notes, out)
	}
	return nil
}

func readCharacteristics(c *Create, o object) error {
	list, err := o.objects(Extension)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, e := range list {
		name, err := e.required("name")
		if err != nil {
			return err
		}
		if seen[name] {
			return invalid(e.at("name"), "%s stands there twice", name)
		}
		seen[name] = true
		switch name {
		case Category:
			c.Category, err = e.required("value")
		case SubCategory:
			c.Subcategory, err = e.required("value")
		default:
			err = c.custom(name, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// custom keeps the value of a characteristic that has no place of its own.
func (c *Create) custom(name string, e object) error {
	v, there := e.m["value"]
	if !there {
		return invalid(e.at("value"), "is mandatory")
	}
	b, err := json.Marshal(v)
	if err != nil {
		return invalid(e.at("value"), "is no JSON: %v", err)
	}
	if c.Custom == nil {
		c.Custom = ticket.Custom{}
	}
	c.Custom[name] = b
	return nil
}
