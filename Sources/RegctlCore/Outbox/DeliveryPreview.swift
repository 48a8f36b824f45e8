/// A dry run of a delivery pass: what it would send, without changing anything.
package struct DeliveryPreview {
  /// The result that a due mail would have if the server accepted it.
  package struct Mail {
    package let entry: OutboxEntry
    package let state: OutboxEntry.State

    /// The reason why it would not be sent.
    package let reason: String?
  }

  private let store: Store
  private let assembler: MailAssembler

  /// Creates a preview; settings, keys and templates are checked as for a pass.
  package init(
    store: Store, configuration: Configuration, uid: UInt32
  ) throws(RegctlError) {
    self.store = store
    try store.requireApplicationResets(configuration)
    assembler = try MailAssembler(configuration, uid: uid)
  }

  /// A mail as it would be sent now, with a placeholder for the token.
  package func maskedComposition(
    of entry: OutboxEntry, at now: Instant
  ) throws(RegctlError) -> [UInt8] {
    assembler.compose(try claim(entry, at: now), token: "[token]", at: now).bytes
  }

  /// A mail as it would be sent now, with a valid token, whose issue is recorded.
  package func composition(
    of entry: OutboxEntry, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> [UInt8] {
    try store.transaction { () throws(RegctlError) in
      let found = try claim(entry, at: now)
      try store.requireUnlocked(found.account)
      let claim = try assembler.storingToken(of: found, in: store, at: now)
      try store.record(
        AuditEntry(
          .issueToken, on: claim.account, at: now, by: actor,
          detail:
            "mail \(entry.id.rawValue), purpose \((entry.kind.purpose ?? entry.purpose).rawValue)"))
      return assembler.compose(claim, at: now).mail.bytes
    }
  }

  private func claim(
    _ entry: OutboxEntry, at now: Instant
  ) throws(RegctlError) -> MailAssembler.Claim {
    guard let recipient = try store.recipients(of: [entry])[entry.account] else {
      throw .account(.notFound(entry.email))
    }
    return try assembler.claim(entry, to: recipient, in: store)
  }

  /// The results that mails after a position would have, in the order of a pass.
  package func mails(
    after last: Mail?, at now: Instant, limit: Int
  ) throws(RegctlError) -> [Mail] {
    let entries = try store.mailsDue(
      at: now + DueHorizon.lead, after: last?.entry, limit: limit)
    let recipients = try store.recipients(of: entries)
    return try entries.map { entry throws(RegctlError) in
      switch try assembler.decide(on: entry, to: recipients[entry.account], in: store, at: now) {
      case .ended(let state, let reason): Mail(entry: entry, state: state, reason: reason)
      case .wanted: Mail(entry: entry, state: .sent, reason: nil)
      }
    }
  }
}
