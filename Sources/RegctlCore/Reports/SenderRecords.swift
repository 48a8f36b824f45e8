internal import Base
internal import SMTP
package import System

/// The records in DNS by which receivers judge mail from the sender's domain.
///
/// SPF is about the domain of the envelope sender, DMARC about that of the `From` field. A lookup that
/// fails is no fault of the domain.
package struct SenderRecords: Sendable {
  /// The domain of the envelope sender, and that of the sender people see, in A-labels.
  package let envelopeDomain: String
  package let senderDomain: String

  /// Asks for the TXT records of a name, without a time limit.
  package typealias Lookup = @Sendable (_ name: String) -> TextRecordQuery.Answer

  private let lookUp: Lookup

  /// The records for a configuration; `nil` if its mail does not leave this machine, or its domains
  /// cannot have records.
  package init?(for configuration: Configuration, by lookUp: @escaping Lookup = TextRecordQuery.run)
  {
    switch configuration.effectiveTransport {
    case .smtp, .sendmail: break
    case .maildir, .stdout, nil: return nil
    }
    guard let sender = configuration.mailDefaultSender else { return nil }
    senderDomain = sender.domain
    envelopeDomain =
      configuration.mailEnvelopeSender.map { Mailbox(displayName: nil, address: $0).domain }
      ?? sender.domain
    self.lookUp = lookUp
    guard !Self.isSpecial(senderDomain), !Self.isSpecial(envelopeDomain) else { return nil }
  }

  /// Whether a domain has no records in DNS: its last label is reserved for other purposes (RFC 2606,
  /// RFC 6761, RFC 6762), or it is an IP address.
  private static func isSpecial(_ domain: String) -> Bool {
    let labels = domain.utf8.split(separator: UInt8(ascii: "."))
    guard let last = labels.last else { return true }
    let reserved = ["example", "invalid", "test", "localhost", "local", "internal"]
    return reserved.contains { last.elementsEqual($0.utf8) } || last.allSatisfy(\.isDigit)
  }

  /// Looks the records up within a time limit for all of them together.
  package func findings(within limit: Duration) -> [SenderFinding] {
    let deadline = ContinuousClock.now + limit
    return spfFindings(by: deadline) + dmarcFindings(by: deadline)
  }

  private func spfFindings(by deadline: ContinuousClock.Instant) -> [SenderFinding] {
    let domain = envelopeDomain
    switch answer(for: domain, by: deadline) {
    case .failed(let reason): return [.notLookedUp(name: domain, reason: reason)]
    case .records(let records):
      let found = records.compactMap(SPFRecord.init)
      if found.isEmpty { return [.spfMissing(domain: domain)] }
      if found.count > 1 { return [.spfRepeated(domain: domain, count: found.count)] }
      return found[0].isOpen ? [.spfOpen(domain: domain)] : []
    }
  }

  private func dmarcFindings(by deadline: ContinuousClock.Instant) -> [SenderFinding] {
    let places = DMARCRecord.places(for: senderDomain).map { "_dmarc.\($0)" }
    for place in places {
      switch answer(for: place, by: deadline) {
      case .failed(let reason): return [.notLookedUp(name: place, reason: reason)]
      case .records(let records):
        let found = records.compactMap(DMARCRecord.init)
        if found.count == 1 { return [] }
        if found.count > 1 { return [.dmarcRepeated(domain: place, count: found.count)] }
      }
    }
    return [.dmarcMissing(domain: senderDomain, searched: places)]
  }

  private func answer(
    for name: String, by deadline: ContinuousClock.Instant
  ) -> TextRecordQuery.Answer {
    let left = deadline - .now
    let lookUp = lookUp
    let answer = left > .zero ? LookupThread { lookUp(name) }.answer(within: left) : nil
    return answer ?? .failed("no answer in time")
  }
}
