/// The number of a mail in the outbox.
package struct MailID: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int64
  package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A mail that waits to be sent or was dealt with; it holds no token and no text.
package struct OutboxEntry: Equatable, Sendable {
  /// What became of a mail.
  package enum State: String, CaseIterable, Sendable {
    case queued, sending, sent
    /// Refused for good.
    case failed
    /// Its account was confirmed, deleted or given another address first.
    case cancelled
    /// Not accepted within `mail_lifetime`.
    case expired

    /// Whether nothing more will happen to the mail.
    package var isFinal: Bool { self != .queued && self != .sending }
  }

  package let id: MailID
  package let account: AccountID

  /// The address of the account when the mail was queued.
  package let email: String
  package let kind: MailKind
  package let purpose: TokenPurpose
  package let state: State
  package let attempts: Int
  package let queuedAt: Instant
  package let nextAttemptAt: Instant?

  /// When the mail was sent, refused, cancelled or given up.
  package let finishedAt: Instant?

  /// What the transport or server said last.
  package let lastReply: String?

  /// The `Message-ID` without angle brackets, the same at every attempt, even if the sender changes;
  /// without its domain until one is configured.
  package let messageID: String

  /// A deliverer died between handing the mail over and writing that down.
  package let isPossibleDuplicate: Bool

  /// When the mail was accepted.
  package var sentAt: Instant? { state == .sent ? finishedAt : nil }
}
