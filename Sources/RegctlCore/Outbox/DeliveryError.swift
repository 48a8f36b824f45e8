/// Why no mail, or no further mail, could be sent.
package enum DeliveryError: Error, Equatable, Sendable {
  /// Nothing says how mail leaves this machine.
  case notConfigured
  /// A setting that sending needs is not there.
  case missingSetting(String)
  /// Mails would travel in clear to another machine.
  case clearText(server: String)
  /// A password would be told in clear.
  case passwordInClear
  /// Another process is delivering.
  case running(lock: String)
  /// An index gives mails as waiting that are not: no mail is taken that might be sent twice.
  case outboxDamaged
  /// The transport does not work; the mails wait, and none was charged an attempt.
  case unavailable(reason: String)
}

extension DeliveryError {
  /// The error as it may be shown: without the tokens that the other side has quoted, and short.
  func excerpt(hiding mask: TokenMask) -> DeliveryError {
    guard case .unavailable(let reason) = self else { return self }
    return .unavailable(reason: ReplyExcerpt.of(reason, hiding: mask))
  }
}
