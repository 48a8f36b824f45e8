/// What DNS says about the sender's domain and should not.
package enum SenderFinding: Equatable, Sendable {
  case spfMissing(domain: String)
  /// Several records, which receivers treat as an error (RFC 7208, section 3.2).
  case spfRepeated(domain: String, count: Int)
  /// The record lets every host send.
  case spfOpen(domain: String)
  /// Neither the domain nor one above it has a record.
  case dmarcMissing(domain: String, searched: [String])
  /// Several records, which receivers treat like none (RFC 7489, section 6.6.3).
  case dmarcRepeated(domain: String, count: Int)
  /// The name servers did not answer in time, or not usably.
  case notLookedUp(name: String, reason: String)
}
