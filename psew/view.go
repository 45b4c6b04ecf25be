package psew

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew/impact"
	"github.com/forewarn-go/forewarn/store"
	"github.com/forewarn-go/forewarn/ticket"
)

// pageOf is a cursor of what is shown of one refresh: its number, how much was shown, and where the lists below stand.
type pageOf struct {
	Number int    `json:"n"`
	Shown  int    `json:"o,omitempty"`
	List   List   `json:"l,omitempty"`
	Place  int    `json:"p,omitempty"`
	Rows   string `json:"r,omitempty"` // cursor of the rows
	Items  string `json:"i,omitempty"` // cursor of what stands on them
}

func (p pageOf) String() string {
	text, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return string(text)
}

// shownOf returns the impact of a readable incident, with the cursor and the sums of the refresh that is looked at: the current one at the first page,
// that of the cursor behind it. The number is 0 before the first refresh has ended.
func (s *Service) shownOf(u *forewarn.Unit, incident uuid.UUID, after string) (rec Impact, p pageOf, err error) {
	i, err := s.readable(u, incident)
	if err != nil {
		return rec, p, err
	}
	if rec, err = impactOf(u, kindIncident, incident); err != nil {
		return rec, p, err
	}
	if after == "" {
		p.Number = rec.Current
		return rec, p, nil
	}
	if err := json.Unmarshal([]byte(after), &p); err != nil {
		return rec, p, forewarn.Invalid("after", "is no cursor of this list")
	}
	switch {
	case p.Number == rec.Current:
	case rec.Previous != nil && p.Number == rec.Previous.Number:
		rec.Sums = rec.Previous.Sums
	default:
		return rec, p, forewarn.Refused(i.Key(), "after", "the impact of incident %s was found again since: begin at the first page", i.Number)
	}
	return rec, p, nil
}

// Bounds of a page of what is shown, which is joined row by row with cases.
const (
	defaultShown = 100
	maxShown     = 200
	maxScanned   = 500 // rows that a filter looks at in one call
)

func shownLimit(limit int) (int, error) {
	switch {
	case limit == 0:
		return defaultShown, nil
	case limit < 0 || limit > maxShown:
		return 0, forewarn.Invalid("limit", "%d is not between 1 and %d", limit, maxShown)
	}
	return limit, nil
}

// ViewImpact asks for a page of the customer impact of an incident.
type ViewImpact struct {
	Incident uuid.UUID
	Tab      List        // ListAccounts or ListConsumers; "" is ListAccounts
	Pill     impact.Pill // "" is impact.All
	Limit    int         // 100 when 0, at most 200
	After    string
}

// ImpactView is a page of the customer impact: the indicators, and rows of one tab. All of it is of one refresh, whose number the pages behind it have too.
// Of a row, the proactive and the major record and whether communication was sent are as they are now.
type ImpactView struct {
	Number int `json:"number"` // of the refresh; 0 before the first has ended
	impact.View
	// AtLeast says that Showing.Of is not all: there were more rows to be looked at than one call does.
	AtLeast  bool     `json:"at_least,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Next     string   `json:"next,omitempty"`
}

// ViewImpact returns a page of the customer impact of an incident. A page may have fewer rows than asked for, or none, and a Next, where a pill shows few
// rows of many. It returns ErrInvalid for what is no tab, pill, limit or cursor; ErrRefused for a cursor of a refresh that two later ones have followed;
// and what Get returns.
func (s *Service) ViewImpact(ctx context.Context, by forewarn.Caller, q ViewImpact) (ImpactView, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ViewImpact", q, s.viewImpact)
}

func (s *Service) viewImpact(u *forewarn.Unit, q ViewImpact) (none ImpactView, err error) {
	if q.Tab == "" {
		q.Tab = ListAccounts
	}
	if q.Tab != ListAccounts && q.Tab != ListConsumers {
		return none, forewarn.Invalid("tab", "%q is none: there are %q and %q", q.Tab, ListAccounts, ListConsumers)
	}
	if q.Pill == "" {
		q.Pill = impact.All
	}
	if !slices.Contains(impact.Pills(), q.Pill) {
		return none, forewarn.Invalid("pill", "%q is none: there are %q", q.Pill, impact.Pills())
	}
	limit, err := shownLimit(q.Limit)
	if err != nil {
		return none, err
	}
	rec, p, err := s.shownOf(u, q.Incident, q.After)
	if err != nil {
		return none, err
	}
	v := ImpactView{Number: p.Number, Warnings: rec.Warnings}
	v.Indicators = rec.Totals
	if p.Number == 0 {
		return v, nil
	}
	scan := scanning{s: s, u: u, source: q.Incident, list: q.Tab, pill: q.Pill, number: p.Number, after: p.Rows}
	scanned := 0
	for len(scan.matched) < limit && !scan.over && scanned < maxScanned {
		n, err := scan.page(limit - len(scan.matched))
		if err != nil {
			return none, err
		}
		scanned += n
	}
	shown := scan.matched
	for _, a := range shown {
		if q.Tab == ListAccounts {
			v.Accounts = append(v.Accounts, a.AccountRow())
		} else {
			v.Consumers = append(v.Consumers, a.ConsumerRow())
		}
	}
	if !scan.over {
		v.Next = pageOf{Number: p.Number, Shown: p.Shown + len(shown), Rows: scan.after}.String()
	}
	if len(shown) > 0 {
		v.Showing.From, v.Showing.To = p.Shown+1, p.Shown+len(shown)
	}
	switch q.Pill {
	case impact.All:
		v.Showing.Of = rec.Counts[q.Tab]
	case impact.CriticalServiceImpact:
		v.Showing.Of = rec.Critical[q.Tab]
	default: // nobody has counted them
		for !scan.over && scanned < maxScanned {
			n, err := scan.page(100)
			if err != nil {
				return none, err
			}
			scanned += n
		}
		v.Showing.Of, v.AtLeast = p.Shown+len(scan.matched), !scan.over
	}
	return v, nil
}

// scanning goes over the rows of parties and takes those that a pill shows.
type scanning struct {
	s      *Service
	u      *forewarn.Unit
	source uuid.UUID
	number int
	list   List
	pill   impact.Pill
	after  string
	over   bool

	matched []impact.Row
	majors  map[uuid.UUID]string
}

// page looks at up to limit rows behind the last, with what their cases say of them, and returns at how many.
func (c *scanning) page(limit int) (int, error) {
	page, err := affectedPage(c.u, c.source, c.number, c.list, min(limit, 100), c.after)
	if err != nil {
		return 0, err
	}
	c.after, c.over = page.Next, page.Next == ""
	var rows []Affected
	for _, a := range page.Items {
		if c.pill != impact.CriticalServiceImpact || c.pill.Matches(*a.Party) {
			rows = append(rows, a)
		}
	}
	told, err := c.join(rows)
	if err != nil {
		return 0, err
	}
	for n, a := range rows {
		row := *a.Party
		row.ProactiveRecord, row.MajorRecord, row.CommunicationSent = told[n].ProactiveRecord, told[n].MajorRecord, told[n].CommunicationSent
		if c.pill.Matches(row) {
			c.matched = append(c.matched, row)
		}
	}
	return len(page.Items), nil
}

// join returns what the cases of parties say.
func (c *scanning) join(rows []Affected) ([]impact.Facts, error) {
	told := make([]impact.Facts, len(rows))
	for n, a := range rows {
		cases, err := c.s.casesOfParty(c.u, c.source, a.party())
		if err != nil {
			return nil, err
		}
		told[n].CommunicationSent = communicated(cases)
		if b, ok := proactiveOf(cases); ok {
			told[n].ProactiveRecord = b.Number
			if told[n].MajorRecord, err = c.major(b.Parent); err != nil {
				return nil, err
			}
		}
	}
	return told, nil
}

// proactiveOf returns the proactive case among those of a party: the first that was opened.
func proactiveOf(cases []ticket.BookedCase) (first ticket.BookedCase, ok bool) {
	for _, b := range cases {
		if !b.Proactive || b.Major {
			continue
		}
		if !ok || b.Opened.Before(first.Opened) || b.Opened.Equal(first.Opened) && b.Number < first.Number {
			first, ok = b, true
		}
	}
	return first, ok
}

// major returns the number of a major case.
func (c *scanning) major(id uuid.UUID) (string, error) {
	if id == uuid.Nil {
		return "", nil
	}
	if number, ok := c.majors[id]; ok {
		return number, nil
	}
	b, err := c.s.cases.Get(c.u, id)
	if err != nil && !isNotFound(err) {
		return "", err
	}
	if c.majors == nil {
		c.majors = map[uuid.UUID]string{}
	}
	c.majors[id] = b.Number
	return b.Number, nil
}

// ImpactCards asks for the cards of an incident's impact.
type ImpactCards struct {
	Incident uuid.UUID
}

// ImpactCard is one card: a list and how much it has.
type ImpactCard struct {
	Title string `json:"title"`
	List  List   `json:"list,omitempty"` // to ask ListAffected for; "" of cases, see ListCases
	Count int    `json:"count"`
}

// ImpactCards returns the six cards of an incident's impact, in the order in which they are shown. It returns what Get returns.
func (s *Service) ImpactCards(ctx context.Context, by forewarn.Caller, q ImpactCards) ([]ImpactCard, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ImpactCards", q, s.impactCards)
}

func (s *Service) impactCards(u *forewarn.Unit, q ImpactCards) ([]ImpactCard, error) {
	rec, _, err := s.shownOf(u, q.Incident, "")
	if err != nil {
		return nil, err
	}
	cases := 0
	for find := (ticket.CaseQuery{Source: q.Incident, Limit: store.MaxLimit}); ; {
		page, err := s.cases.Page(u, find)
		if err != nil {
			return nil, err
		}
		cases += len(page.Cases)
		if find.After = page.Next; find.After == "" {
			break
		}
	}
	return []ImpactCard{
		{"Affected CIs", ListCIs, rec.Counts[ListCIs]},
		{"Impacted Services/CIs", ListServices, rec.Counts[ListServices]},
		{"Assets", ListAssets, rec.Counts[ListAssets]},
		{"Affected Accounts", ListAccounts, rec.Counts[ListAccounts]},
		{"Affected Consumers", ListConsumers, rec.Counts[ListConsumers]},
		{"Cases", "", cases},
	}, nil
}

// ListAffected asks for a page of a list of an incident's impact.
type ListAffected struct {
	Incident uuid.UUID
	List     List
	Limit    int // 100 when 0, at most 1,000
	After    string
}

// ListAffected returns a page of a list of an incident's impact, by name. All pages are of one refresh. It returns ErrInvalid for what is no list, limit or
// cursor; ErrRefused for a cursor of a refresh that two later ones have followed; and what Get returns.
func (s *Service) ListAffected(ctx context.Context, by forewarn.Caller, q ListAffected) (forewarn.Page[Affected], error) {
	return forewarn.Read(ctx, s.engine, by, "psew.ListAffected", q, s.listAffected)
}

func (s *Service) listAffected(u *forewarn.Unit, q ListAffected) (none forewarn.Page[Affected], err error) {
	if !slices.Contains(Lists(), q.List) {
		return none, forewarn.Invalid("list", "%q is none: there are %q", q.List, Lists())
	}
	_, p, err := s.shownOf(u, q.Incident, q.After)
	if err != nil || p.Number == 0 {
		return none, err
	}
	page, err := affectedPage(u, q.Incident, p.Number, q.List, q.Limit, p.Rows)
	if err == nil && page.Next != "" {
		page.Next = pageOf{Number: p.Number, Rows: page.Next}.String()
	}
	return page, err
}

// RefreshProgress asks how far the last refresh of an incident's impact is.
type RefreshProgress struct {
	Incident uuid.UUID
}

// RefreshState says how far a refresh is.
type RefreshState struct {
	Number   int       `json:"number"`  // of the last refresh that has begun
	Current  int       `json:"current"` // of the one that is shown; 0 before the first has ended
	Rows     int       `json:"rows"`    // written so far
	Begun    time.Time `json:"begun"`
	Finished time.Time `json:"finished,omitzero"` // zero while it runs
}

// RefreshProgress tells how far the last refresh of an incident's impact is. It returns ErrNotFound when none has begun, and what Get returns.
func (s *Service) RefreshProgress(ctx context.Context, by forewarn.Caller, q RefreshProgress) (RefreshState, error) {
	return forewarn.Read(ctx, s.engine, by, "psew.RefreshProgress", q, s.refreshProgress)
}

func (s *Service) refreshProgress(u *forewarn.Unit, q RefreshProgress) (none RefreshState, err error) {
	rec, _, err := s.shownOf(u, q.Incident, "")
	if err != nil {
		return none, err
	}
	if rec.Latest == 0 {
		return none, forewarn.NotFound(impacts.Key(u.By().Tenant, impactID(kindIncident, q.Incident)))
	}
	state := RefreshState{Number: rec.Latest, Current: rec.Current, Begun: rec.Begun}
	if rec.Current == rec.Latest {
		state.Finished = rec.Finished
	}
	run, err := refreshes.Progress(u, refresh{Kind: rec.Kind, Source: rec.Source, Number: rec.Latest}.name())
	switch {
	case err == nil:
		state.Rows = run.Done
	case !isNotFound(err): // its record goes after 90 days, and an impact of cases alone has none
		return none, err
	}
	return state, nil
}
