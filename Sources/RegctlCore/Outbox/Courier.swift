internal import SMTP

/// What one pass over the outbox came to.
package struct DeliverySummary: Equatable, Sendable {
  /// What became of one mail.
  package struct Result: Equatable, Sendable {
    package let id: MailID
    package let email: String
    package let state: OutboxEntry.State
    package let reply: String?
  }

  package internal(set) var results: [Result] = []

  /// A pass that found nothing to do.
  package init() {}

  /// When the next mail that waits is due.
  package internal(set) var nextAttempt: Instant?

  /// Why the pass ended early; the mails that are left wait.
  package internal(set) var stopped: DeliveryError?

  /// How many mails ended the pass in a state.
  package func count(_ state: OutboxEntry.State) -> Int {
    results.count { $0.state == state }
  }
}

/// Sends what is due, one deliverer at a time.
///
/// Better twice than never: a mail is marked before it is handed over and recorded after, so that
/// a kill at any instant leaves it either waiting, or waiting and marked as a possible duplicate.
package struct Courier {
  private let store: Store
  private let composer: MailComposer
  private let signer: TokenSigner
  private var transport: any MailTransport
  private let lifetime: Duration

  /// How many rows are read at a time.
  private static let batchSize = 100

  /// A courier for a configured transport; `output` is where the transport `stdout` writes.
  package init(
    store: Store, configuration: Configuration, uid: UInt32,
    output: @escaping ([UInt8]) throws(FileError) -> Void
  ) throws(RegctlError) {
    self.store = store
    composer = try MailComposer(configuration)
    signer = TokenSigner(
      keys: try configuration.keyRing(uid: uid), salt: configuration.salt(of: .confirm))
    lifetime = configuration.mailLifetime
    transport = try Self.transport(for: configuration, output: output)
  }

  /// Checks the settings that say how mail leaves, before anything is opened.
  package static func check(_ configuration: Configuration) throws(RegctlError) {
    switch configuration.effectiveTransport {
    case nil:
      throw .delivery(.notConfigured)
    case .maildir:
      if configuration.maildirPath == nil { throw .delivery(.missingSetting("maildir_path")) }
    case .stdout:
      break
    case .smtp, .sendmail:
      throw .delivery(
        .transportUnavailable(configuration.effectiveTransport?.rawValue ?? ""))
    }
  }

  private static func transport(
    for configuration: Configuration, output: @escaping ([UInt8]) throws(FileError) -> Void
  ) throws(RegctlError) -> any MailTransport {
    try check(configuration)
    if let path = configuration.maildirPath, configuration.effectiveTransport == .maildir {
      do throws(DeliveryError) {
        return try MaildirTransport(path: path)
      } catch {
        throw .delivery(error)
      }
    }
    return StreamTransport(write: output)
  }

  /// Whether there is anything to deliver; answered by one look into an index.
  package static func hasWork(in store: Store, at now: Instant) throws(RegctlError) -> Bool {
    try store.hasWork(at: now)
  }

  /// Makes one pass over what is due, at most `limit` mails.
  package mutating func deliver(
    limit: Int, clock: () -> Instant
  ) throws(RegctlError) -> DeliverySummary {
    let lock = try DeliveryLock(beside: store.path)
    try store.requeueAbandonedMails()
    let summary = try deliverDue(limit: limit, clock: clock)
    lock.release()
    return summary
  }

  private mutating func deliverDue(
    limit: Int, clock: () -> Instant
  ) throws(RegctlError) -> DeliverySummary {
    var summary = DeliverySummary()
    let start = clock()
    while summary.results.count < limit, summary.stopped == nil {
      let due = try store.mailsDue(
        at: start, limit: min(Self.batchSize, limit - summary.results.count))
      if due.isEmpty { break }
      for entry in due {
        do throws(RegctlError) {
          summary.results.append(try deliver(entry, at: clock()))
        } catch .delivery(let fault) {
          summary.stopped = fault
          break
        }
      }
    }
    summary.nextAttempt = try store.nextAttempt()
    return summary
  }

  private mutating func deliver(
    _ entry: OutboxEntry, at now: Instant
  ) throws(RegctlError) -> DeliverySummary.Result {
    func result(_ state: OutboxEntry.State, _ reply: String) -> DeliverySummary.Result {
      DeliverySummary.Result(id: entry.id, email: entry.email, state: state, reply: reply)
    }
    let beginning = try store.transaction { () throws(RegctlError) in try begin(entry, at: now) }
    switch beginning {
    case .ended(let state, let reason):
      return result(state, reason)
    case .begun(let account, let messageID, let timestamp):
      let message = composer.compose(
        to: account, messageID: messageID, token: signer.sign(account.email, at: timestamp),
        at: now)
      let mail = OutgoingMail(
        entry: entry, messageID: messageID, envelopeSender: composer.envelopeSender,
        bytes: message.bytes)
      let reply: String
      do throws(DeliveryError) {
        reply = try transport.send(mail)
      } catch {
        try store.withdrawAttempt(entry.id)
        throw .delivery(error)
      }
      try store.finish(entry.id, as: .sent, reply: reply, at: now)
      return result(.sent, reply)
    }
  }

  private enum Beginning {
    /// The mail is not to be sent, and that is recorded.
    case ended(OutboxEntry.State, reason: String)
    /// The mail is marked as being sent, with a token of this second.
    case begun(Account, messageID: String, timestamp: Int64)
  }

  /// Decides, under the write lock, whether a mail is still wanted.
  private func begin(_ entry: OutboxEntry, at now: Instant) throws(RegctlError) -> Beginning {
    let account = try store.account(entry.account)
    if let (state, reason) = unwanted(entry, account: account, at: now) {
      try store.finish(entry.id, as: state, reply: reason, at: now)
      return .ended(state, reason: reason)
    }
    guard let account else { preconditionFailure("a mail without an account is unwanted") }
    let isSettled = entry.messageID.utf8.contains(UInt8(ascii: "@"))
    let messageID = isSettled ? entry.messageID : "\(entry.messageID)@\(composer.senderDomain)"
    try store.beginAttempt(entry.id, messageID: messageID)
    let notBefore = try store.memory(of: account.id).notBefore ?? 0
    return .begun(account, messageID: messageID, timestamp: max(now.seconds, notBefore))
  }

  private func unwanted(
    _ entry: OutboxEntry, account: Account?, at now: Instant
  ) -> (OutboxEntry.State, String)? {
    guard let account else { return (.cancelled, "the account was deleted") }
    // Byte for byte: what the token confirms must be what it was mailed to.
    guard account.email.utf8.elementsEqual(entry.email.utf8) else {
      return (.cancelled, "the account has another address")
    }
    if account.isConfirmed { return (.cancelled, "the account was confirmed") }
    if now > entry.queuedAt + lifetime { return (.expired, "not accepted in time") }
    do throws(AddressError) {
      _ = try EmailAddress(account.email)
    } catch {
      return (.failed, "the address cannot be mailed to")
    }
    return nil
  }
}
