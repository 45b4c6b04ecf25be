package forewarn

import (
	"time"

	"github.com/forewarn-go/forewarn/store"
)

// PurgeMails deletes mails that were sent, or have failed, before an instant: as many as fit a page and the unit. It
// returns how many; none means that none is left. Of a unit of SystemActor(store.System) it does so over all tenants.
// It is for package worker.
func (u *Unit) PurgeMails(before time.Time) (int, error) { return purge(u, Mails, "ended", before) }

// PurgeFanouts deletes the records of fan-outs that ended before an instant, as PurgeMails does mails.
func (u *Unit) PurgeFanouts(before time.Time) (int, error) {
	return purge(u, fanouts, "finished", before)
}

// PurgeRequests deletes the answers that request ids were given before an instant, as PurgeMails does mails.
func (u *Unit) PurgeRequests(before time.Time) (int, error) {
	return purge(u, requests, "at", before)
}

func purge[T any](u *Unit, r Records[T], index string, before time.Time) (int, error) {
	page, err := r.Where(index).Range(store.Value{}, Time(before)).Limit(min(max(u.Room(), 1), store.MaxLimit)).Page(u, "")
	if err != nil {
		return 0, err
	}
	for i := range page.Items {
		if err := r.Delete(u, &page.Items[i]); err != nil {
			return i, err
		}
	}
	return len(page.Items), nil
}
