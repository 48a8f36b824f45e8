internal import SMTP

/// An event in the history of an account.
package struct HistoryEvent: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case registered, confirmed
    case mailQueued, mailSent, mailFailed, mailCancelled, mailExpired
    /// An attempt that is followed by another one.
    case mailDeferred
    /// A process died at an attempt.
    case mailInterrupted
    /// What was reported of a mail after it was sent, or of an address.
    case mailReported(BounceRecord.Result)
    /// The address was taken off the ledger.
    case bounceCleared
    case act(AuditEntry.Act)
    /// A pending change of address became invalid.
    case emailChangeVoided
  }

  package let at: AccountDate
  package let kind: Kind
  package var actor: String?
  package var mail: MailID?

  /// The number of the attempt among all at the mail, counted from 1.
  package var attempt: Int?

  /// The enhanced status code in the reply of a server: `5.1.1`.
  package var status: String?

  /// When a deferred mail is tried again; `nil` if it already was, or no longer will be.
  package var nextAttemptAt: Instant?

  /// The number of a run of prune.
  package var run: Int64?

  /// What an entry of the audit says, or the reply of a server.
  package var detail: String?

  init(at: AccountDate, _ kind: Kind) {
    self.at = at
    self.kind = kind
  }

  init(_ entry: AuditEntry) {
    self.init(at: .moment(entry.at), .act(entry.act))
    actor = entry.actor.name
    mail = Self.number(after: "mail ", in: entry.detail).map(MailID.init(rawValue:))
    run = Self.number(after: "run ", in: entry.detail)
    detail = entry.words
  }

  /// The number at the beginning of a detail: `mail 7`, `run 3, was number 2`.
  private static func number(after word: String, in detail: String?) -> Int64? {
    guard let detail, detail.utf8.starts(with: word.utf8) else { return nil }
    let rest = detail.utf8.dropFirst(word.utf8.count)
    return Int64(String(decoding: rest.prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self))
  }

  /// The events of a mail, given the recorded attempts at it.
  static func all(of mail: OutboxEntry, _ attempts: [DeliveryAttempt]) -> [HistoryEvent] {
    var queued = HistoryEvent(at: .moment(mail.queuedAt), .mailQueued, mail)
    queued.detail = mail.email
    var events = [queued] + attempts.map { HistoryEvent($0, mail) }
    if mail.state == .queued, events.last?.kind == .mailDeferred {
      events[events.count - 1].nextAttemptAt = mail.nextAttemptAt
    }
    if let finished = mail.finishedAt, mail.state.isFinal {
      let attempt = attempts.last
      // The attempt that was rejected is the end of the mail.
      let isLast = mail.state == .failed && attempt?.result == .failed && attempt?.at == finished
      if !isLast { events.append(end(of: mail, at: finished, attempts)) }
    }
    return events
  }

  /// The events of a report.
  static func all(of bounce: BounceRecord) -> [HistoryEvent] {
    var reported = HistoryEvent(at: .moment(bounce.at), .mailReported(bounce.result))
    reported.mail = bounce.mail
    reported.status = bounce.status
    let words = [bounce.reply, bounce.reporter.map { "reported by \($0)" }].compactMap { $0 }
    reported.detail = words.isEmpty ? nil : words.joined(separator: ", ")
    guard bounce.suppresses, let cleared = bounce.clearedAt else { return [reported] }
    var event = HistoryEvent(at: .moment(cleared), .bounceCleared)
    event.detail = bounce.email
    return [reported, event]
  }

  private init(at: AccountDate, _ kind: Kind, _ mail: OutboxEntry) {
    self.init(at: at, kind)
    self.mail = mail.id
  }

  private init(_ attempt: DeliveryAttempt, _ mail: OutboxEntry) {
    self.init(at: .moment(attempt.at), Kind(attempt.result), mail)
    self.attempt = attempt.number
    status = attempt.reply.flatMap(EnhancedStatus.init(reply:))?.description
    detail = attempt.reply
  }

  private static func end(
    of mail: OutboxEntry, at finished: Instant, _ attempts: [DeliveryAttempt]
  ) -> HistoryEvent {
    var event = HistoryEvent(at: .moment(finished), Kind(mail.state), mail)
    if mail.sentAt != nil { event.attempt = attempts.count + 1 }
    // The words about a mail that bounced are not those by which it was accepted.
    if mail.state == .bounced { return event }
    event.status = mail.lastReply.flatMap(EnhancedStatus.init(reply:))?.description
    event.detail = mail.lastReply
    return event
  }
}

extension HistoryEvent {
  /// The second by which it is sorted. A registration whose zone is not known is before all else,
  /// and a confirmation is sorted as if it were in UTC.
  var order: Int64 {
    if kind == .registered, at.moment == nil { return .min }
    return at.assumingUTC.seconds
  }
}

extension HistoryEvent.Kind {
  fileprivate init(_ result: DeliveryAttempt.Result) {
    self =
      switch result {
      case .deferred: .mailDeferred
      case .failed: .mailFailed
      case .interrupted: .mailInterrupted
      }
  }

  fileprivate init(_ state: OutboxEntry.State) {
    self =
      switch state {
      case .queued, .held, .sending: .mailQueued
      case .sent, .bounced: .mailSent
      case .failed: .mailFailed
      case .cancelled: .mailCancelled
      case .expired: .mailExpired
      }
  }

  /// Every kind.
  package static var all: [HistoryEvent.Kind] {
    [
      .registered, .confirmed, .mailQueued, .mailSent, .mailFailed, .mailCancelled, .mailExpired,
      .mailDeferred, .mailInterrupted, .bounceCleared, .emailChangeVoided,
    ] + BounceRecord.Result.allCases.map(HistoryEvent.Kind.mailReported)
      + AuditEntry.Act.allCases.map(HistoryEvent.Kind.act)
  }

  /// The code of the kind: of an act, its name in the audit.
  package var code: String {
    switch self {
    case .registered: "registered"
    case .confirmed: "confirmed"
    case .mailQueued: "mail_queued"
    case .mailSent: "mail_sent"
    case .mailFailed: "mail_failed"
    case .mailCancelled: "mail_cancelled"
    case .mailExpired: "mail_expired"
    case .mailDeferred: "mail_deferred"
    case .mailInterrupted: "mail_interrupted"
    case .mailReported(.bounced): "mail_bounced"
    case .mailReported(.delayed): "mail_delayed"
    case .mailReported(.declined): "mail_declined"
    case .mailReported(.unverified): "bounce_unverified"
    case .bounceCleared: "bounce_cleared"
    case .emailChangeVoided: "email_change_voided"
    case .act(let act): act.rawValue
    }
  }

  /// The position of an event among others of the same second.
  var rank: Int {
    switch self {
    case .registered, .act(.register), .act(.createAdministrator): 0
    case .act(.revokeTokens), .act(.resend), .act(.resendForced), .act(.changeEmail),
      .act(.requestEmailChange), .act(.requestReset):
      1
    case .mailQueued: 2
    case .mailDeferred, .mailInterrupted: 3
    case .mailSent, .mailFailed, .mailCancelled, .mailExpired: 4
    case .mailReported: 5
    case .act, .confirmed, .emailChangeVoided, .bounceCleared: 6
    }
  }
}
