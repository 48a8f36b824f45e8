/// The reason why no mail, or no further mail, can be sent.
package enum DeliveryError: Error, Equatable, Sendable {
  /// No transport is configured.
  case notConfigured
  /// A setting required for sending is missing.
  case missingSetting(String)
  /// Mails would be sent unencrypted to another host.
  case clearText(server: String)
  /// A password would be sent unencrypted.
  case passwordInClear
  /// Another process is delivering.
  case running(lock: String)
  /// Another process is delivering, or keeps others from it.
  case inUse(lock: String)
  /// The connection to the database is shared with others, so that the right to deliver cannot be
  /// held.
  case pooled(String)
  /// An index lists mails as queued that are not; none is sent, since it might be sent twice.
  case outboxDamaged
  /// The server refuses mails for a fault on this side, or every mail; they stay queued, and no attempt
  /// is counted.
  case declined(reply: String)
  /// The transport is unavailable; the mails stay queued, and no attempt is counted.
  case unavailable(reason: String)
  /// The server wants an access token of OAuth in place of a password; the mails stay queued, and no
  /// attempt is counted.
  case wantsAccessToken(reason: String)
}

extension DeliveryError {
  /// The error for display: truncated, and without tokens quoted by the server.
  func excerpt(hiding mask: TokenMask) -> DeliveryError {
    guard case .unavailable(let reason) = self else { return self }
    return .unavailable(reason: ReplyExcerpt.of(reason, hiding: mask))
  }
}
