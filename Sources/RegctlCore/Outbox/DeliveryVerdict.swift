/// The result of a delivery attempt.
enum DeliveryVerdict: Equatable, Sendable {
  /// Accepted: the receiving side is responsible for the mail from now on.
  case sent(String)
  /// Deferred; the server may have accepted it anyway.
  case deferred(String, isPossibleDuplicate: Bool)
  /// Permanently rejected.
  case refused(String)
  /// Permanently rejected for a fault on this side: the mail stays queued, and no attempt is counted.
  case declined(String)
  /// Not sent; the mail can be submitted again.
  case returned
}

extension DeliveryVerdict {
  /// The result to be stored: truncated, and without tokens quoted by the server.
  func excerpt(hiding mask: TokenMask) -> DeliveryVerdict {
    switch self {
    case .sent(let words): .sent(ReplyExcerpt.of(words, hiding: mask))
    case .refused(let words): .refused(ReplyExcerpt.of(words, hiding: mask))
    case .declined(let words): .declined(ReplyExcerpt.of(words, hiding: mask))
    case .deferred(let words, let isPossibleDuplicate):
      .deferred(
        ReplyExcerpt.of(words, hiding: mask), isPossibleDuplicate: isPossibleDuplicate)
    case .returned: .returned
    }
  }
}
