package techcase

import (
	"slices"

	"github.com/forewarn-go/forewarn"
)

// Who may work on cases. Writers may write fields and comments; of portal users, who are writers too, the acts and
// Update say what is theirs.
var (
	workers  = []string{forewarn.RoleAgent, forewarn.RoleResourceManager, forewarn.RoleMajorCaseManager}
	creators = []string{forewarn.RoleCreator}
	writers  = []string{forewarn.RoleWriter}
	readers  = []string{forewarn.RoleViewer, "sn_customerservice.case_viewer"}
	managers = []string{forewarn.RoleMajorCaseManager}
)

// The acts of this package.
var (
	actCreate              = forewarn.Act{Name: "techcase.Create", Roles: creators, Portal: true}
	actCreateMajor         = forewarn.Act{Name: "techcase.Create major", Roles: managers}
	actSubmit              = forewarn.Act{Name: "techcase.Submit", Roles: creators, Portal: true}
	actFinishIntake        = forewarn.Act{Name: "techcase.FinishIntake", Roles: workers}
	actAssignToMe          = forewarn.Act{Name: "techcase.AssignToMe", Roles: workers}
	actAccept              = forewarn.Act{Name: "techcase.Accept", Roles: workers}
	actRequestInformation  = forewarn.Act{Name: "techcase.RequestInformation", Roles: workers}
	actInformationReceived = forewarn.Act{Name: "techcase.InformationReceived", Roles: workers}
	actProposeSolution     = forewarn.Act{Name: "techcase.ProposeSolution", Roles: workers}
	actAcceptSolution      = forewarn.Act{Name: "techcase.AcceptSolution", Roles: writers, Portal: true}
	actRejectSolution      = forewarn.Act{Name: "techcase.RejectSolution", Roles: writers, Portal: true}
	actClose               = forewarn.Act{Name: "techcase.Close", Roles: workers}
	actCancel              = forewarn.Act{Name: "techcase.Cancel", Roles: workers}
	actFire                = forewarn.Act{Name: "techcase.Fire", Roles: workers}
	actComment             = forewarn.Act{Name: "techcase.Comment", Roles: writers, Portal: true}
	actWorkNote            = forewarn.Act{Name: "techcase.WorkNote", Roles: writers}
	actUpdate              = forewarn.Act{Name: "techcase.Update", Roles: writers, Portal: true}
	actAssign              = forewarn.Act{Name: "techcase.Assign", Roles: []string{forewarn.RoleResourceManager}}
	actClearNeedsAttention = forewarn.Act{Name: "techcase.ClearNeedsAttention", Roles: []string{forewarn.RoleAdmin}, Assignee: true, Manager: true}
	actEscalate            = forewarn.Act{Name: "techcase.Escalate", Roles: writers}
	actEndEscalation       = forewarn.Act{Name: "techcase.EndEscalation", Roles: writers}
	actProposeMajor        = forewarn.Act{Name: "techcase.ProposeMajor", Roles: workers}
	actApproveMajor        = forewarn.Act{Name: "techcase.ApproveMajor", Roles: managers}
	actRejectMajor         = forewarn.Act{Name: "techcase.RejectMajor", Roles: managers}
	actAddChild            = forewarn.Act{Name: "techcase.AddChild", Roles: managers}
	actRemoveChild         = forewarn.Act{Name: "techcase.RemoveChild", Roles: managers}
	actAddImpacted         = forewarn.Act{Name: "techcase.AddImpacted", Roles: managers}
	actRemoveImpacted      = forewarn.Act{Name: "techcase.RemoveImpacted", Roles: managers}
	actImpacted            = forewarn.Act{Name: "techcase.Impacted", Roles: readers}
	actResolveMajor        = forewarn.Act{Name: "techcase.ResolveMajor", Roles: managers}
	actResolving           = forewarn.Act{Name: "techcase.Resolving", Roles: readers}
	actGet                 = forewarn.Act{Name: "techcase.Get", Roles: readers, Portal: true}
	actList                = forewarn.Act{Name: "techcase.List", Roles: readers, Portal: true}
	actActivities          = forewarn.Act{Name: "techcase.Activities", Roles: readers, Portal: true}
	actChildren            = forewarn.Act{Name: "techcase.Children", Roles: readers}
	actGetSettings         = forewarn.Act{Name: "techcase.GetSettings", Roles: readers}
	actSetAutoClose        = forewarn.Act{Name: "techcase.SetAutoClose", Roles: []string{forewarn.RoleAdmin}}
	actSetResolutionCodes  = forewarn.Act{Name: "techcase.SetResolutionCodes", Roles: []string{forewarn.RoleAdmin}}
	actResetTemplate       = forewarn.Act{Name: "techcase.ResetTemplate", Roles: []string{forewarn.RoleAdmin}}
	actDefaults            = forewarn.Act{Name: "techcase.Defaults", Roles: []string{forewarn.RoleAdmin}}
	actTemplates           = forewarn.Act{Name: "techcase.Templates", Roles: []string{forewarn.RoleAdmin}}
	actPutTemplate         = forewarn.Act{Name: "techcase.PutTemplate", Roles: []string{forewarn.RoleAdmin}}
)

// Acts returns what an actor must be allowed to do, one act for each use case, in the order of their names.
func Acts() []forewarn.Act {
	all := []forewarn.Act{actCreate, actCreateMajor, actSubmit, actFinishIntake, actAssignToMe, actAccept, actRequestInformation,
		actInformationReceived, actProposeSolution, actAcceptSolution, actRejectSolution, actClose, actCancel, actFire, actComment, actWorkNote,
		actUpdate, actAssign, actClearNeedsAttention, actEscalate, actEndEscalation, actProposeMajor, actApproveMajor, actRejectMajor, actAddChild, actRemoveChild,
		actAddImpacted, actRemoveImpacted, actImpacted, actResolveMajor, actResolving, actGet, actList, actActivities, actChildren, actGetSettings, actSetAutoClose, actSetResolutionCodes, actDefaults, actTemplates,
		actPutTemplate, actResetTemplate}
	slices.SortFunc(all, func(a, b forewarn.Act) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}

// own is what an actor acts on who acts on no record: for a portal user it is his.
func own(by forewarn.Actor) forewarn.Subject {
	return forewarn.Subject{Account: by.Account, Contact: by.Contact, Consumer: by.Consumer}
}
