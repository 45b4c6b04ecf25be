package store

// Limits of a query.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
	MaxAnyOf     = 100
)

// A Query is a conjunction over one index: equal on leading fields, then any
// of some values on the next field, then a range on the next. What it finds is
// ordered by the fields after Equal and AnyOf, then by id, and for global kinds
// then by tenant.
type Query struct {
	Tenant, Kind, Index string
	// AllTenants finds across tenants, with an empty Tenant; only kinds that are Global can be asked so.
	AllTenants bool
	Equal      []Value
	// AnyOf are the values of the field after Equal, at most MaxAnyOf. Nil asks nothing; non-nil and empty
	// finds nothing.
	AnyOf []Value
	// From and To bound the field after Equal and AnyOf: [From, To). Nil does not bound.
	From, To *Value
	// Descending reverses the whole order.
	Descending bool
	// Limit is the size of a page: DefaultLimit when 0, at most MaxLimit.
	Limit int
	// After is the Next of an earlier page of the same query; the row that it names may be gone. From, To
	// and Limit may differ between pages.
	After string
}

// Page is what a query found.
type Page struct {
	Records []Record
	// Next is the cursor of the next page, "" when there is certainly none.
	Next string
}
