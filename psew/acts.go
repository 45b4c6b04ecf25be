package psew

import "github.com/forewarn-go/forewarn"

// Acts is what actors must be allowed to do, in one table (SEC-025). The matrix test of roles is made of it.
func Acts() []forewarn.Act {
	return []forewarn.Act{actOpen, actReport, actRead, actWork, actEscalate, actGenerate, actCommunicate, actResolve,
		actReactive, actClose, actClearAttention, actConfigure, actSetPolicy, actSetMessage, actMembers}
}

var (
	user     = []string{forewarn.RolePSEWUser, forewarn.RoleAdmin}
	userOnly = []string{forewarn.RolePSEWUser}
	adminish = []string{forewarn.RoleAdmin}
	readers  = []string{forewarn.RolePSEWUser, forewarn.RoleNOCAgent, forewarn.RoleAdmin, forewarn.RoleTicketIntegrator,
		forewarn.RoleAgent, forewarn.RoleMajorCaseManager}

	actOpen     = forewarn.Act{Name: "psew.Open", Roles: user}
	actReport   = forewarn.Act{Name: "psew.Report", Roles: []string{forewarn.RoleTicketIntegrator, forewarn.RoleAdmin}}
	actRead     = forewarn.Act{Name: "psew.Get", Roles: readers}
	actWork     = forewarn.Act{Name: "psew.Update", Roles: user, Assignee: true, Manager: true}
	actEscalate = forewarn.Act{Name: "psew.Escalate", Roles: []string{forewarn.RoleNOCAgent}}
	actGenerate = forewarn.Act{Name: "psew.Generate", Roles: user}

	actCommunicate    = forewarn.Act{Name: "psew.NotifyCustomers", Roles: userOnly}
	actResolve        = forewarn.Act{Name: "psew.Resolve", Roles: userOnly}
	actReactive       = forewarn.Act{Name: "psew.OpenReactive", Roles: userOnly}
	actClose          = forewarn.Act{Name: "psew.Close", Roles: userOnly}
	actClearAttention = forewarn.Act{Name: "psew.ClearNeedsAttention", Roles: adminish, Assignee: true, Manager: true}
	actConfigure      = forewarn.Act{Name: "psew.SetProperty", Roles: adminish}
	actSetPolicy      = forewarn.Act{Name: "psew.SetPolicy", Roles: adminish}
	actSetMessage     = forewarn.Act{Name: "psew.SetMessage", Roles: adminish}
	actMembers        = forewarn.Act{Name: "psew.AddMember", Roles: adminish}
)

// own is what an actor acts on who acts on no record: for a portal user it is his, so that he is told that the act is not for him.
func own(by forewarn.Actor) forewarn.Subject {
	return forewarn.Subject{Account: by.Account, Contact: by.Contact, Consumer: by.Consumer}
}
