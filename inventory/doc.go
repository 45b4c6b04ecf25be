// Package inventory is what a provider has and who uses it: configuration
// items, services, install base, sold products, assets, and the accounts,
// contacts and consumers behind them.
//
// Services of this module read it through the port [Source], which a provider
// may put before systems of its own. The default, [Stored], reads the store, and
// is filled from JSON lines, one item a line:
//
//	{"type":"ci","id":"Vmanage_10001","name":"Vmanage_10001","class":"sd_wan_controller"}
//	{"type":"service","id":"sdwan","name":"SD-WAN Enterprise","relations":[{"type":"depends_on","to":"Vmanage_10001"}]}
//	{"type":"account","id":"avid","name":"Avid","contact":"ann"}
//	{"type":"contact","id":"ann","name":"Ann","email":"ann@example.com","account":"avid"}
//	{"type":"install_base","id":"avid-1","name":"Avid SD-WAN","service":"sdwan","account":"avid"}
//
// Relations that carry impact to the item that has them are depends_on, runs_on,
// hosted_on, uses, connects, connects_to, provided_by and powered_by; used_by, runs,
// hosts, connected_by, provides and powers carry it the other way. What a relation
// leads to need not be there yet. One of another type carries nothing, and
// psew.Service.ViewImpact warns of it; psew.Config.Directions gives it a direction.
//
// Ids are the caller's. An item that comes again replaces the one of its type
// and id; one that is the same writes nothing, so a file can be loaded twice. One
// that has vanished is taken away, once, by
//
//	{"type":"account","id":"avid","removed":true}
package inventory
