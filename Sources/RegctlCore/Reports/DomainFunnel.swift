/// The confirmation funnel of the accounts of a domain.
package struct DomainFunnel: Sendable {
  package let domain: String
  package let registered: Int
  package let mailed: Int
  package let accepted: Int
  package let confirmed: Int
}
