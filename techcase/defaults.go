package techcase

import (
	"context"

	"github.com/forewarn-go/forewarn"
)

// Defaults writes what a tenant may change: the templates of mails.
type Defaults struct{}

// Defaults keeps the built-in templates in the tenant's own store, for it to change. A template that it has stays as it
// is, so calling it again changes nothing. A tenant that never called it has the built-in ones. It returns the templates.
//
// It returns ErrForbidden without admin.
func (s *Service) Defaults(ctx context.Context, by forewarn.Caller, cmd Defaults) ([]Template, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.Defaults", cmd, s.defaults)
}

func (s *Service) defaults(u *forewarn.Unit, _ Defaults) ([]Template, error) {
	if err := u.Require(actDefaults, own(u.By())); err != nil {
		return nil, err
	}
	all := DefaultTemplates()
	for i, t := range all {
		r, err := templates.Get(u, templateID(t.Name))
		if isNotFound(err) {
			t.Own = true
			r = templateRecord{ID: templateID(t.Name), Template: t}
			err = templates.Put(u, &r)
		}
		if err != nil {
			return nil, err
		}
		all[i] = r.Template
	}
	_, err := sharedSettings(u)
	return all, err
}

// Templates asks for the templates of a tenant.
type Templates struct{}

// Templates returns all templates by name, the tenant's own in the place of the built-in ones. It returns ErrForbidden
// without admin.
func (s *Service) Templates(ctx context.Context, by forewarn.Caller, q Templates) ([]Template, error) {
	return forewarn.Read(ctx, s.engine, by, "techcase.Templates", q, s.templates)
}

func (s *Service) templates(u *forewarn.Unit, _ Templates) ([]Template, error) {
	if err := u.Require(actTemplates, own(u.By())); err != nil {
		return nil, err
	}
	all := DefaultTemplates()
	for i, t := range all {
		var err error
		if all[i], err = templateOf(u, t.Name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// PutTemplate changes a template of a tenant.
type PutTemplate struct {
	Name    string // one of Templates
	Subject string
	Text    string
}

// PutTemplate keeps a tenant's own template in the place of the built-in one.
//
// It returns ErrInvalid, naming the field, for a name that there is not, a subject that is empty, and for what cannot be
// read or names something that a mail does not have; ErrForbidden without admin.
func (s *Service) PutTemplate(ctx context.Context, by forewarn.Caller, cmd PutTemplate) (Template, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.PutTemplate", cmd, s.putTemplate)
}

func (s *Service) putTemplate(u *forewarn.Unit, cmd PutTemplate) (none Template, err error) {
	if err := u.Require(actPutTemplate, own(u.By())); err != nil {
		return none, err
	}
	t := Template{Name: cmd.Name, Subject: cmd.Subject, Text: cmd.Text, Own: true}
	if err := t.check(); err != nil {
		return none, err
	}
	r, err := templates.Get(u, templateID(t.Name))
	if err != nil && !isNotFound(err) {
		return none, err
	}
	r.ID, r.Template = templateID(t.Name), t
	return t, templates.Put(u, &r)
}

// ResetTemplate takes back a template of a tenant.
type ResetTemplate struct {
	Name string // one of Templates
}

// ResetTemplate deletes the tenant's own template, so that the built-in one holds again, also when a later version of the
// library has another; it returns the built-in one. Where the tenant has none of its own, nothing changes.
//
// It returns ErrInvalid for a name that there is not, and ErrForbidden without admin.
func (s *Service) ResetTemplate(ctx context.Context, by forewarn.Caller, cmd ResetTemplate) (Template, error) {
	return forewarn.Do(ctx, s.engine, by, "techcase.ResetTemplate", cmd, s.resetTemplate)
}

func (s *Service) resetTemplate(u *forewarn.Unit, cmd ResetTemplate) (none Template, err error) {
	if err := u.Require(actResetTemplate, own(u.By())); err != nil {
		return none, err
	}
	t, ok := builtIn(cmd.Name)
	if !ok {
		return none, forewarn.Invalid("name", "there is no template %q", cmd.Name)
	}
	r, err := templates.Get(u, templateID(t.Name))
	if isNotFound(err) {
		return t, nil
	}
	if err != nil {
		return none, err
	}
	return t, templates.Delete(u, &r)
}
