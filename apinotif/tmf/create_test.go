package tmf

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/forewarn-go/forewarn/ticket"
)

const alarm = `{
  "description": "Link to Vmanage_10001 is down\nseen by the probe",
  "severity": "Critical",
  "ticketType": "Incident",
  "externalId": "ALM-1",
  "status": "closed",
  "channel": {"id": "fault-management"},
  "relatedEntity": [{"id": "Vmanage_10001", "role": "affected", "@referredType": "cmdb_ci"}],
  "note": [{"text": "seen"}, {"text": "checked", "@type": "work_notes", "author": "probe"}],
  "troubleTicketCharacteristic": [
    {"name": "category", "value": "Hardware"},
    {"name": "subCategory", "value": "Link Failure"},
    {"name": "alarm", "value": {"id": 7}}
  ]
}`

// Covers: APIN-029
func TestParseCreate(t *testing.T) {
	got, err := ParseCreate([]byte(alarm))
	if err != nil {
		t.Fatal(err)
	}
	want := Create{
		Name:        "Link to Vmanage_10001 is down",
		Description: "Link to Vmanage_10001 is down\nseen by the probe",
		Severity:    "Critical", Priority: 1, TicketType: "Incident", ExternalID: "ALM-1", Channel: "fault-management",
		CI: "Vmanage_10001", Category: "Hardware", Subcategory: "Link Failure",
		Entities: []ticket.Entity{{ID: "Vmanage_10001", Type: "cmdb_ci", Role: "affected"}},
		Notes:    []CreateNote{{Text: "seen"}, {Text: "checked", Work: true, Author: "probe"}},
		Custom:   ticket.Custom{"alarm": json.RawMessage(`{"id":7}`)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseCreateOfACase(t *testing.T) {
	for _, spelling := range []string{"Case", "case", " CASE "} {
		got, err := ParseCreate([]byte(`{"name":"No dial tone","description":"d","severity":"urgent","ticketType":"` + spelling + `",
			"channel":{"name":"e_bonding"},
			"relatedParty":[{"id":"ACC1","name":"Funco Intl","@referredType":"customer"},{"id":"C1","@referredType":"customer_contact","role":"contact"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		want := Create{Name: "No dial tone", Description: "d", Severity: "urgent", Priority: 4, TicketType: spelling, Case: true,
			Account: "ACC1", Channel: "e_bonding",
			Parties: []ticket.Party{{ID: "ACC1", Name: "Funco Intl", Type: "customer"}, {ID: "C1", Type: "customer_contact", Role: "contact"}}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	for _, other := range []string{"Problem", "complain", "Cases"} {
		if got, err := ParseCreate([]byte(`{"description":"d","severity":"1","ticketType":"` + other + `"}`)); err != nil || got.Case {
			t.Errorf("%s: %+v, %v; want an incident", other, got, err)
		}
	}
}

func TestParseCreateRefuses(t *testing.T) {
	with := func(more string) string {
		return `{"description":"d","severity":"1","ticketType":"Incident",` + more + `}`
	}
	for _, c := range []struct{ name, body, attribute, rule string }{
		{"empty", ``, "body", "is no JSON: unexpected end of JSON input"},
		{"no JSON", `{"description":`, "body", "is no JSON: unexpected end of JSON input"},
		{"two", `{} {}`, "body", "is no JSON: invalid character '{' after top-level value"},
		{"an array", `[]`, "body", "is an array and must be an object"},
		{"null", `null`, "body", "is null and must be an object"},
		{"not UTF-8", "{\"description\":\"\xff\"}", "body", "is not UTF-8"},
		{"NUL", `{"description":"a\u0000b"}`, "description", "has a NUL character"},
		{"NUL below", with(`"note":[{"text":"a\u0000"}]`), "note[0].text", "has a NUL character"},
		{"twice", with(`"severity":"2"`), "severity", "stands there twice"},
		{"twice, escaped", with(`"\u0073everity":"2"`), "severity", "stands there twice"},
		{"twice below", with(`"note":[{"text":"a","text":"b"}]`), "note[0].text", "stands there twice"},
		{"misspelt", with(`"relatedEntities":[]`), "relatedEntities", "is no attribute of TMF621 v4.0.0"},
		{"other letters", `{"Description":"d","severity":"1","ticketType":"Incident"}`, "Description", "is no attribute of TMF621 v4.0.0"},
		{"no name", with(`"":1`), `""`, "is no attribute of TMF621 v4.0.0"},
		{"no description", `{"severity":"1","ticketType":"Incident"}`, "description", "is mandatory"},
		{"blank description", `{"description":" \n","severity":"1","ticketType":"Incident"}`, "description", "is mandatory and is blank"},
		{"no severity", `{"description":"d","ticketType":"Incident"}`, "severity", "is mandatory"},
		{"null severity", `{"description":"d","severity":null,"ticketType":"Incident"}`, "severity", "is mandatory"},
		{"number severity", `{"description":"d","severity":1,"ticketType":"Incident"}`, "severity", "is a number and must be a string"},
		{"no type", `{"description":"d","severity":"1"}`, "ticketType", "is mandatory"},
		{"case without customer", `{"description":"d","severity":"1","ticketType":"Case"}`, "relatedParty", "must name a customer with the account's id when ticketType is Case"},
		{"note is object", with(`"note":{"text":"a"}`), "note", "is an object and must be an array"},
		{"note entry", with(`"note":["a"]`), "note[0]", "is a string and must be an object"},
		{"note without text", with(`"note":[{"text":"a"},{"author":"x"}]`), "note[1].text", "is mandatory"},
		{"note type", with(`"note":[{"text":"a","@type":"secret"}]`), "note[0].@type", "is neither comments nor work_notes"},
		{"note too long", with(`"note":[{"text":"` + strings.Repeat("x", ticket.MaxText+1) + `"}]`), "note[0].text", "is over 32768 bytes"},
		{"entity without id", with(`"relatedEntity":[{"role":"r","@referredType":"cmdb_ci"}]`), "relatedEntity[0].id", "is mandatory"},
		{"entity without role", with(`"relatedEntity":[{"id":"a","@referredType":"cmdb_ci"}]`), "relatedEntity[0].role", "is mandatory"},
		{"entity without type", with(`"relatedEntity":[{"id":"a","role":"r"}]`), "relatedEntity[0].@referredType", "is mandatory"},
		{"two CIs", with(`"relatedEntity":[{"id":"a","role":"r","@referredType":"cmdb_ci"},{"id":"b","role":"r","@referredType":"cmdb_ci_service"}]`), "relatedEntity[1]", "is a second configuration item; a ticket has one"},
		{"party without id", with(`"relatedParty":[{"@referredType":"customer"}]`), "relatedParty[0].id", "is mandatory"},
		{"two customers", with(`"relatedParty":[{"id":"a","@referredType":"customer"},{"id":"b","@referredType":"customer"}]`), "relatedParty[1]", "is a second customer; a ticket has one"},
		{"channel", with(`"channel":"portal"`), "channel", "is a string and must be an object"},
		{"date", with(`"requestedResolutionDate":"tomorrow"`), "requestedResolutionDate", "is no date-time as 2026-01-05T09:00:00Z"},
		{"category is number", with(`"troubleTicketCharacteristic":[{"name":"category","value":3}]`), "troubleTicketCharacteristic[0].value", "is a number and must be a string"},
		{"category without value", with(`"troubleTicketCharacteristic":[{"name":"category"}]`), "troubleTicketCharacteristic[0].value", "is mandatory"},
		{"other without value", with(`"troubleTicketCharacteristic":[{"name":"x"}]`), "troubleTicketCharacteristic[0].value", "is mandatory"},
		{"category twice", with(`"troubleTicketCharacteristic":[{"name":"category","value":"a"},{"name":"category","value":"b"}]`), "troubleTicketCharacteristic[1].name", "category stands there twice"},
		{"too deep", with(`"attachment":` + strings.Repeat("[", 20) + strings.Repeat("]", 20)), "attachment" + strings.Repeat("[0]", 15), "is more than 16 objects and arrays deep"},
		{"too many", with(`"attachment":[` + strings.Repeat("{},", MaxEntries) + `{}]`), "attachment", "has more than 1000 entries"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseCreate([]byte(c.body))
			var bad *InvalidError
			if !errors.As(err, &bad) {
				t.Fatalf("%v is no *InvalidError", err)
			}
			if bad.Attribute != c.attribute || bad.Rule != c.rule {
				t.Errorf("%q: %q, want %q: %q", bad.Attribute, bad.Rule, c.attribute, c.rule)
			}
			if bad.HTTPStatus() != 400 || bad.Body() != (Error{Code: "400", Reason: c.rule, Message: c.attribute, Status: "400"}) {
				t.Errorf("answers %d %+v", bad.HTTPStatus(), bad.Body())
			}
		})
	}
}

func TestParseCreateTooLarge(t *testing.T) {
	body := `{"description":"d","severity":"1","ticketType":"Incident","priority":"`
	fill := MaxBody - len(body) - len(`"}`)
	if _, err := ParseCreate([]byte(body + strings.Repeat("x", fill) + `"}`)); err != nil {
		t.Errorf("a body of MaxBody bytes: %v", err)
	}
	_, err := ParseCreate([]byte(body + strings.Repeat("x", fill+1) + `"}`))
	var bad *InvalidError
	if !errors.As(err, &bad) || !bad.TooLarge || bad.HTTPStatus() != 413 || bad.Attribute != "body" {
		t.Errorf("a byte more: %v", err)
	}
}

func FuzzParseCreate(f *testing.F) {
	f.Add([]byte(alarm))
	f.Add([]byte(`{"description":"d","severity":"1","ticketType":"Case","relatedParty":[{"id":"a","@referredType":"customer"}]}`))
	f.Add([]byte(`{"a":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}`))
	f.Add([]byte(`{"severity":1,"severity":2}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := ParseCreate(body)
		if err != nil {
			var bad *InvalidError
			if !errors.As(err, &bad) || bad.Rule == "" {
				t.Fatalf("%v names no rule", err)
			}
			return
		}
		if strings.TrimSpace(c.Description) == "" || strings.TrimSpace(c.Severity) == "" || strings.TrimSpace(c.TicketType) == "" ||
			c.Name == "" || c.Priority < 1 || c.Priority > 5 || c.Case && c.Account == "" {
			t.Fatalf("%q gives a ticket that is not whole: %+v", body, c)
		}
		if !utf8.ValidString(c.Description+c.Name) || strings.ContainsRune(c.Description, 0) {
			t.Fatalf("%q gives a text that no store takes", body)
		}
		var std map[string]any
		if err := json.Unmarshal(body, &std); err != nil {
			t.Fatalf("%q is taken and is no JSON: %v", body, err)
		}
		if std["description"] != c.Description {
			t.Fatalf("%q gives description %q", body, c.Description)
		}
	})
}
