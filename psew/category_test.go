package psew_test

import (
	"errors"
	"testing"

	"github.com/forewarn-go/forewarn"
	"github.com/forewarn-go/forewarn/psew"
)

// Choices that are one in another spelling are refused at wiring: of two of them none could be told by its name.
//
// Covers: DEC-019
func TestCategoriesAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		categories psew.Categories
		sound      bool
	}{
		"the base system's":            {psew.DefaultCategories(), true},
		"one with an em dash":          {psew.Categories{"Access": {"Wi\u2014Fi"}}, true},
		"the same of two categories":   {psew.Categories{"Access": {"WiFi"}, "Core": {"Wi-Fi"}}, true},
		"two subcategories":            {psew.Categories{"Access": {"Wi\u2013Fi", "WiFi"}}, false},
		"two subcategories with a tab": {psew.Categories{"Access": {"a\tb", "ab"}}, false},
		"two categories":               {psew.Categories{"SD-WAN": nil, "sd wan": nil}, false},
		"a dash":                       {psew.Categories{"Access": {"-"}}, false},
		"no name":                      {psew.Categories{"": nil}, false},
	} {
		err := c.categories.Check()
		var e *forewarn.Error
		if c.sound != (err == nil) || err != nil && (!errors.As(err, &e) || !errors.Is(err, forewarn.ErrInvalid) || e.Field != "config.categories") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
