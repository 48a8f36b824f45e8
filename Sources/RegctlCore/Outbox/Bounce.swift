internal import Base
internal import SMTP

/// Records what a delivery status notification says of a mail.
///
/// Anybody can send a report to the address that gets them. One counts only if it has the identifier of
/// a mail that was sent, of which 96 bits are random, so that its author has had the mail; and if it is
/// about the recipient of that mail. A report that names a recipient and no mail is kept, and changes
/// nothing.
package struct Bounce: Sendable {
  /// The result of a report.
  package enum Effect: Equatable, Sendable {
    /// It is about no mail and no recipient of regctl's.
    case foreign
    /// It says that a mail was delivered or passed on.
    case noFailure(MailID)
    case recorded(BounceRecord)
    /// The same report was recorded already.
    case known(BounceRecord)
  }

  /// The number of reports without a mail that are kept for an account.
  private static let maximumUnverified = 10

  /// A longer message is no report.
  package static let maximumByteCount = DeliveryStatus.maximumByteCount

  private let report: DeliveryStatus

  /// Reads a message with line ends of CRLF or LF; `nil` when it is no delivery status notification.
  package init?(_ message: [UInt8]) {
    guard let report = DeliveryStatus(message) else { return nil }
    self.report = report
  }

  /// Records the report.
  ///
  /// Throws `MailError.underWay` for a mail whose result `deliver` has not recorded yet.
  package func perform(in store: Store, at now: Instant) throws(RegctlError) -> Effect {
    try store.requireBounces()
    return try store.transaction { () throws(RegctlError) in
      if let mail = try mail(in: store), let place = recipient(of: mail) {
        return try record(place, of: mail, in: store, at: now)
      }
      return try recordUnverified(in: store, at: now)
    }
  }

  // MARK: Mails

  /// The mail that a report identifies: by ENVID, by the field `X-Regctl-Mail` of the returned header,
  /// or by its Message-ID.
  private func mail(in store: Store) throws(RegctlError) -> OutboxEntry? {
    let texts = report.envelopeIDs + [report.returned?["x-regctl-mail"]].compactMap { $0 }
    for identifier in texts.compactMap(EnvelopeID.init) {
      if let mail = try store.mail(identifier.mail), identifier.identifies(mail) { return mail }
    }
    guard let field = report.returned?["message-id"] else { return nil }
    let messageID = ReceivedAddress.inside(field)
    for account in try accounts(in: store) {
      for mail in try store.mails(of: account.id)
      where mail.messageID.utf8.elementsEqual(messageID.utf8) { return mail }
    }
    return nil
  }

  /// What a report says of the recipient of a mail, and whether it names that recipient.
  ///
  /// A server that forwards a mail may report the address to which it did so. The original recipient
  /// is then the one that was mailed, or else the returned header names it.
  private func recipient(
    of mail: OutboxEntry
  ) -> (recipient: DeliveryStatus.Recipient, isNamed: Bool)? {
    let identity = AddressSpellings.identity(of: mail.email)
    func isSame(_ address: String) -> Bool { AddressSpellings.identity(of: address) == identity }
    let named = report.recipients.filter { recipient in
      (recipient.finalAddresses + recipient.originalAddresses).contains(where: isSame)
    }
    // Worst first: a report may say of one address that it was expanded, and failed behind that.
    if let recipient = named.first(where: { $0.action == .failed }) ?? named.first {
      return (recipient, true)
    }
    guard let returned = report.returned?["to"], isSame(ReceivedAddress.inside(returned)),
      let recipient = report.recipients.first(where: { $0.action == .failed })
        ?? report.recipients.first
    else { return nil }
    return (recipient, false)
  }

  /// Records a report about a recipient of a mail.
  private func record(
    _ place: (recipient: DeliveryStatus.Recipient, isNamed: Bool), of mail: OutboxEntry,
    in store: Store, at now: Instant
  ) throws(RegctlError) -> Effect {
    guard let cause = BounceCause(place.recipient) else { return .noFailure(mail.id) }
    if mail.state == .sending { throw .mail(.underWay(mail.id)) }
    // Any other was sent by a process that died: it will be sent again, or never.
    guard mail.state == .sent || mail.state == .bounced else { return .noFailure(mail.id) }
    let known = try store.bounces(of: mail.id)
    let isMistake = try isConfirmed(mail, in: store)
    let record = NewBounceRecord(
      mail: mail.id, account: mail.account, email: mail.email, result: cause.result,
      status: place.recipient.status?.description, reply: Self.words(of: place.recipient),
      reporter: report.reportingServer.map { ReplyExcerpt.of($0) },
      suppresses: cause.isAddressWrong && place.isNamed && !isMistake)
    if let same = known.first(where: { $0.isSame(as: record) }) { return .known(same) }
    // A mail bounces once; what is said of it later is not heard.
    if let first = known.first(where: { $0.result == .bounced }) { return .known(first) }
    if record.result == .bounced { try store.markBounced(mail.id, reply: record.reply) }
    return .recorded(try store.addBounce(record, at: now))
  }

  /// Whether an account was confirmed after all by the link in the mail, or with it.
  private func isConfirmed(_ mail: OutboxEntry, in store: Store) throws(RegctlError) -> Bool {
    guard mail.kind == .confirm, let account = try store.account(mail.account) else { return false }
    return account.isConfirmed && AddressSpellings.isSame(account.email, mail.email)
  }

  /// The words about a recipient, as those of other servers are stored: cut, and without what may be a
  /// token.
  private static func words(of recipient: DeliveryStatus.Recipient) -> String? {
    guard let words = recipient.diagnostic else { return recipient.status.map { "550 \($0)" } }
    return ReplyExcerpt.of(ScrambledText.hide(in: words))
  }

  // MARK: Recipients

  /// The accounts with an address that a report names.
  private func accounts(in store: Store) throws(RegctlError) -> [Account] {
    var addresses = report.recipients.flatMap { $0.finalAddresses + $0.originalAddresses }
    if let returned = report.returned?["to"] { addresses.append(ReceivedAddress.inside(returned)) }
    var found: [Account] = []
    var seen: Set<String> = []
    for address in addresses where seen.insert(address).inserted {
      for account in try store.accounts(withAddress: address)
      where !found.contains(where: { $0.id == account.id }) {
        found.append(account)
      }
    }
    return found
  }

  /// Keeps a report that names a recipient which was mailed.
  private func recordUnverified(in store: Store, at now: Instant) throws(RegctlError) -> Effect {
    for recipient in report.recipients
    where recipient.action == .failed || recipient.action == .delayed {
      for address in recipient.originalAddresses + recipient.finalAddresses {
        for account in try store.accounts(withAddress: address) {
          guard try wasMailed(account, in: store) else { continue }
          let record = NewBounceRecord(
            mail: nil, account: account.id, email: account.email, result: .unverified,
            status: recipient.status?.description, reply: Self.words(of: recipient),
            reporter: report.reportingServer.map { ReplyExcerpt.of($0) }, suppresses: false)
          let known = try store.bounces(of: account.id).filter { $0.result == .unverified }
          if let same = known.first(where: { $0.isSame(as: record) }) { return .known(same) }
          // Anybody can write any number of them.
          if let last = known.last, known.count >= Self.maximumUnverified { return .known(last) }
          return .recorded(try store.addBounce(record, at: now))
        }
      }
    }
    return .foreign
  }

  /// Whether a mail to the present address of an account was accepted.
  private func wasMailed(_ account: Account, in store: Store) throws(RegctlError) -> Bool {
    try store.mails(of: account.id).contains { mail in
      (mail.state == .sent || mail.state == .bounced)
        && AddressSpellings.isSame(mail.email, account.email)
    }
  }
}

extension BounceRecord {
  /// Whether a report says the same.
  fileprivate func isSame(as other: NewBounceRecord) -> Bool {
    mail == other.mail && result == other.result && status == other.status && reply == other.reply
  }
}
