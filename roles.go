package forewarn

// The names of the roles that the packages of this module ask for. They are
// those of the original, so that its directories can be taken over as they are.
const (
	RoleAdmin            = "admin"
	RoleNOCAgent         = "sn_ind_tsm_core.noc_agent"
	RolePSEWUser         = "sn_ind_tsm_sdwan.PSEW_USER"
	RoleTicketIntegrator = "sn_ind_tsm_sdwan.ticket_integrator"

	RoleCustomer         = "sn_tech_support.customer"
	RoleCustomerAdmin    = "sn_tech_support.customer_admin"
	RolePartner          = "sn_tech_support.partner"
	RolePartnerAdmin     = "sn_tech_support.partner_admin"
	RoleAgent            = "sn_tech_support.agent"
	RoleCreator          = "sn_tech_support.creator"
	RoleDeveloper        = "sn_tech_support.developer"
	RoleReportViewer     = "sn_tech_support.report_viewer"
	RoleViewer           = "sn_tech_support.viewer"
	RoleWriter           = "sn_tech_support.writer"
	RoleMajorCaseManager = "sn_tech_support.major_case_manager"
	RoleResourceManager  = "sn_tech_support.resource_manager"
	RoleNavigationMenu   = "sn_tech_support.navigation_menu"
)

// DefaultRoles returns which roles contain which, as SEC-001 to SEC-016 of the
// original have it. Admin contains all that staff may be, which is ours.
func DefaultRoles() Roles {
	tickets := []string{"sn_incident_write", "sn_problem_write", "sn_request_write", "sn_change_write"}
	agent := append([]string{"sn_customerservice_agent", RoleWriter, RoleCreator, RoleNavigationMenu}, tickets...)
	return Roles{
		RoleAdmin: {RoleNOCAgent, RolePSEWUser, RoleTicketIntegrator, RoleAgent, RoleMajorCaseManager, RoleResourceManager,
			RoleDeveloper, RoleReportViewer},
		RoleNOCAgent: {"itil", "wm_initiator", "wm_read", "sn_customerservice.case_viewer", "sn_customerservice.customer_data_viewer"},

		RoleCustomer:      {"sn_customerservice.customer", RoleCreator, RoleWriter},
		RoleCustomerAdmin: {"sn_customerservice.customer_admin", RoleCreator, RoleWriter},
		RolePartner:       {"sn_customerservice.partner", RoleCreator, RoleWriter},
		RolePartnerAdmin:  {"sn_customerservice.partner_admin", RoleCreator, RoleWriter},
		RoleAgent:         agent,
		RoleDeveloper:     append([]string{"sn_customerservice.case_task_agent", RoleViewer, RoleNavigationMenu}, tickets...),
		RoleWriter:        {RoleViewer},
		RoleMajorCaseManager: append([]string{"sn_majorissue_mgt.major_issue_manager", RoleWriter, RoleCreator,
			RoleNavigationMenu}, tickets...),
		RoleResourceManager: agent,
	}
}
