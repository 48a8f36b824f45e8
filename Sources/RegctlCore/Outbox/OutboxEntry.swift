/// The ID of a mail in the outbox.
package struct MailID: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int64
  package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A mail in the outbox, queued or completed; it contains neither token nor text.
package struct OutboxEntry: Equatable, Sendable {
  /// The state of a mail.
  package enum State: String, CaseIterable, Sendable {
    case queued
    /// Not sent before an operator releases it, because far more accounts register than usually.
    case held
    case sending, sent
    /// Permanently rejected.
    case failed
    /// Accepted, and reported later as not delivered.
    case bounced
    /// The account was confirmed or deleted, or its address changed, before the mail was sent.
    case cancelled
    /// Not accepted within `mail_lifetime`.
    case expired

    /// Whether the state is final.
    package var isFinal: Bool { self != .queued && self != .held && self != .sending }
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

  /// When the mail was sent, even if it bounced later, rejected, cancelled or expired.
  package let finishedAt: Instant?

  /// The last reply of the transport or server.
  package let lastReply: String?

  /// The `Message-ID` without angle brackets, the same at every attempt, even if the sender changes;
  /// without its domain until one is configured.
  package let messageID: String

  /// A process died between sending the mail and recording that.
  package let isPossibleDuplicate: Bool

  /// When the mail was accepted.
  package var sentAt: Instant? { state == .sent || state == .bounced ? finishedAt : nil }
}
