/// What handing a mail over came to.
enum DeliveryVerdict: Equatable, Sendable {
  /// The other side answers for the mail from now on.
  case sent(String)
  /// Not now; perhaps it was accepted all the same.
  case deferred(String, isPossibleDuplicate: Bool)
  /// Never.
  case refused(String)
  /// Nothing happened to the mail; it can be handed over again.
  case returned
}

extension DeliveryVerdict {
  /// The verdict as it may be kept: without the tokens that the other side has quoted, and short.
  func excerpt(hiding mask: TokenMask) -> DeliveryVerdict {
    switch self {
    case .sent(let words): .sent(ReplyExcerpt.of(words, hiding: mask))
    case .refused(let words): .refused(ReplyExcerpt.of(words, hiding: mask))
    case .deferred(let words, let isPossibleDuplicate):
      .deferred(
        ReplyExcerpt.of(words, hiding: mask), isPossibleDuplicate: isPossibleDuplicate)
    case .returned: .returned
    }
  }
}
