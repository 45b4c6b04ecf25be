package techcase

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// Template is a mail's template. Subject and Text are of text/template, confined to fields, if, with, and, or, not, eq and
// ne: a template of a tenant neither loops nor formats.
type Template struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Own     bool   `json:"own,omitempty"` // the tenant has it in its own store; else it is the built-in one
}

// The names of the templates.
const (
	TemplateOpened         = "case.opened.for.customer"
	TemplateCommented      = "case.commented.for.customer"
	TemplateAwaitingInfo   = "tech.case.awaiting.info"
	TemplateClosed         = "case.closed.for.customer"
	TemplateCancelled      = "tech.case.cancelled"
	TemplateAccepted       = "tech.case.solution.accepted.for.customer"
	TemplateRejected       = "tech.case.solution.rejected.for.customer"
	TemplateResolved       = "case.resolved.for.customer"
	TemplateResolvedWatch  = "case.resolved.for.customer.watchlist"
	TemplateReminder       = "tech.case.auto.close.reminder"
	TemplateAssignedNotice = "tech.case.assigned"
)

// DefaultTemplates returns the built-in templates by name.
func DefaultTemplates() []Template {
	const foot = "\n\nCase {{.Number}}: {{.ShortDescription}}\n"
	const hello = "{{if .Recipient}}Dear {{.Recipient}},\n\n{{end}}"
	const solution = "{{if .ResolutionNotes}}\n\nSolution: {{.ResolutionNotes}}{{end}}{{if .Cause}}\nCause: {{.Cause}}{{end}}"
	all := []Template{
		{Name: TemplateOpened, Subject: "Case {{.Number}} was opened: {{.ShortDescription}}",
			Text: hello + "Case {{.Number}} was opened.{{if .Description}}\n\n{{.Description}}{{end}}" + foot},
		{Name: TemplateCommented, Subject: "Case {{.Number}}: new comment",
			Text: hello + "There is a new comment on case {{.Number}}:\n\n{{.Comment}}" + foot},
		{Name: TemplateAwaitingInfo, Subject: "Case {{.Number}}: information is needed",
			Text: hello + "To go on with case {{.Number}} we need information from the customer.{{if .Comment}}\n\n{{.Comment}}{{end}}" + foot},
		{Name: TemplateClosed, Subject: "Case {{.Number}} was closed",
			Text: hello + "Case {{.Number}} was closed{{if .AutoClosed}} because nobody answered the proposed solution{{end}}." +
				"{{if .CloseNotes}}\n\n{{.CloseNotes}}{{end}}" + solution + foot},
		{Name: TemplateCancelled, Subject: "Case {{.Number}} was cancelled",
			Text: hello + "Case {{.Number}} was cancelled.{{if .Comment}}\n\n{{.Comment}}{{end}}" + foot},
		{Name: TemplateAccepted, Subject: "Case {{.Number}}: the solution was accepted for you",
			Text: hello + "The solution of case {{.Number}} was accepted on your behalf, and the case is closed." + solution + foot},
		{Name: TemplateRejected, Subject: "Case {{.Number}}: the solution was rejected for you",
			Text: hello + "The solution of case {{.Number}} was rejected on your behalf; we work on it again." +
				"{{if .Comment}}\n\n{{.Comment}}{{end}}" + foot},
		{Name: TemplateResolved, Subject: "Case {{.Number}} was resolved",
			Text: hello + "We propose a solution of case {{.Number}}. Please accept or reject it." + solution + foot},
		{Name: TemplateResolvedWatch, Subject: "Case {{.Number}} was resolved",
			Text: "A solution of case {{.Number}}, which you watch, is proposed." + solution + foot},
		{Name: TemplateReminder, Subject: "Case {{.Number}} is pending solution acceptance",
			Text: hello + "This case is pending solution acceptance. It will be auto closed on {{.Closes}} if you do not take action." +
				solution + foot},
		{Name: TemplateAssignedNotice, Subject: "Case {{.Number}} was assigned to you",
			Text: "Case {{.Number}} was assigned to you: {{.ShortDescription}}\n"},
	}
	slices.SortFunc(all, func(a, b Template) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// MailData is what a template may name.
type MailData struct {
	Recipient        string // name of who gets the mail; "" when it is not known
	Number           string
	ShortDescription string
	Description      string
	Priority         string // as 1 - Critical
	State            string
	Account          string // its id
	Contact          string // its id
	Comment          string // what was written with the act
	ResolutionCode   string
	ResolutionNotes  string
	Cause            string
	CloseNotes       string
	AutoClosed       bool
	Closes           string // the day on which the case closes by itself
}

// functions are the ones that a template may call.
var functions = []string{"and", "or", "not", "eq", "ne"}

// compile reads a template and refuses what is not confined.
func (t Template) compile(field, text string) (*template.Template, error) {
	if len(text) > ticket.MaxText {
		return nil, forewarn.Invalid(field, "has %d bytes; at most %d", len(text), ticket.MaxText)
	}
	parsed, err := template.New(t.Name).Parse(text)
	if err != nil {
		return nil, forewarn.Invalid(field, "of %s cannot be read: %v", t.Name, err)
	}
	if len(parsed.Templates()) > 1 {
		return nil, forewarn.Invalid(field, "of %s defines templates of its own", t.Name)
	}
	if parsed.Tree != nil {
		if err := confined(parsed.Tree.Root); err != nil {
			return nil, forewarn.Invalid(field, "of %s: %v", t.Name, err)
		}
	}
	return parsed, nil
}

// confined refuses what could loop, format at length or call.
func confined(n parse.Node) error {
	switch n := n.(type) {
	case nil, *parse.TextNode, *parse.CommentNode, *parse.FieldNode, *parse.StringNode, *parse.BoolNode, *parse.NumberNode, *parse.DotNode:
		return nil
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		return each(n.Nodes)
	case *parse.ActionNode:
		return confined(n.Pipe)
	case *parse.IfNode:
		return branch(n.BranchNode)
	case *parse.WithNode:
		return branch(n.BranchNode)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			return fmt.Errorf("variables are not allowed")
		}
		return each(n.Cmds)
	case *parse.CommandNode:
		return each(n.Args)
	case *parse.IdentifierNode:
		if !slices.Contains(functions, n.Ident) {
			return fmt.Errorf("function %s is not allowed; there are %s", n.Ident, strings.Join(functions, ", "))
		}
		return nil
	}
	return fmt.Errorf("%s is not allowed", n)
}

func branch(n parse.BranchNode) error {
	if err := confined(n.Pipe); err != nil {
		return err
	}
	if err := confined(n.List); err != nil {
		return err
	}
	return confined(n.ElseList)
}

func each[N parse.Node](nodes []N) error {
	for _, n := range nodes {
		if err := confined(n); err != nil {
			return err
		}
	}
	return nil
}

// render makes subject and text of the data.
func (t Template) render(d MailData) (subject, text string, err error) {
	if subject, err = t.fill("subject", t.Subject, d); err != nil {
		return "", "", err
	}
	// a subject is one line, whatever stands in a short description
	subject = strings.Join(strings.Fields(subject), " ")
	if subject == "" {
		return "", "", forewarn.Invalid("subject", "of %s is empty", t.Name)
	}
	text, err = t.fill("text", t.Text, d)
	return subject, text, err
}

func (t Template) fill(field, text string, d MailData) (string, error) {
	parsed, err := t.compile(field, text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := parsed.Execute(&b, d); err != nil {
		return "", forewarn.Invalid(field, "of %s: %v", t.Name, err)
	}
	// A mail is a record: what would not fit is cut, never refused.
	return cut(b.String()), nil
}

func cut(s string) string {
	if len(s) <= ticket.MaxText {
		return s
	}
	end := ticket.MaxText - len(ticket.CutMark)
	for end > 0 && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[:end] + ticket.CutMark
}

// sample fills every field, for checking a template when it is written.
var sample = MailData{Recipient: "Jane Doe", Number: "CS0000001", ShortDescription: "sample", Description: "sample", Priority: "4 - Low",
	State: string(StateNew), Account: "account", Contact: "contact", Comment: "comment", ResolutionCode: "code", ResolutionNotes: "notes",
	Cause: "cause", CloseNotes: "closed", AutoClosed: true, Closes: "2026-01-15"}

func (t Template) check() error {
	_, builtIn := builtIn(t.Name)
	if !builtIn {
		return forewarn.Invalid("template.name", "%q is none", t.Name)
	}
	for _, d := range []MailData{sample, {Number: "CS0000001"}} {
		if _, _, err := t.render(d); err != nil {
			return err
		}
	}
	return nil
}

func builtIn(name string) (Template, bool) {
	for _, t := range DefaultTemplates() {
		if t.Name == name {
			return t, true
		}
	}
	return Template{}, false
}

// templateRecord is a template of a tenant.
type templateRecord struct {
	ID       uuid.UUID        `json:"id"`
	Version  forewarn.Version `json:"version"`
	Template Template         `json:"template"`
}

var templates = forewarn.NewRecords("case_template", forewarn.Shape[templateRecord]{
	ID:      func(t *templateRecord) *uuid.UUID { return &t.ID },
	Version: func(t *templateRecord) *forewarn.Version { return &t.Version },
	Fields: []forewarn.Field[templateRecord]{
		{Name: "name", Type: store.Text, Of: func(t *templateRecord) store.Value { return forewarn.Text(t.Template.Name) }},
	},
	Indexes: []store.Index{{Name: "name", Fields: []string{"name"}}},
})

func templateID(name string) uuid.UUID { return store.NameID("case_template", name) }

// templateOf returns the tenant's own template, or else the built-in one.
func templateOf(u *forewarn.Unit, name string) (Template, error) {
	r, err := templates.Peek(u, templateID(name))
	if err == nil {
		return r.Template, nil
	}
	if !isNotFound(err) {
		return Template{}, err
	}
	t, ok := builtIn(name)
	if !ok {
		return t, forewarn.Invalid("template", "%q is none", name)
	}
	return t, nil
}
