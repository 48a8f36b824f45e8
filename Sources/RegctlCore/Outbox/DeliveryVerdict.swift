internal import SMTP

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
  /// The verdict without a token that the other side has quoted, of which six characters are left.
  func masking(_ token: String) -> DeliveryVerdict {
    func mask(_ words: String) -> String {
      guard !token.isEmpty, words.utf8.count >= token.utf8.count,
        words.utf8.contains(sequence: token.utf8)
      else { return words }
      return words.replacingAll(token, with: "\(token.prefix(6))…")
    }
    switch self {
    case .sent(let words): return .sent(mask(words))
    case .refused(let words): return .refused(mask(words))
    case .deferred(let words, let isPossibleDuplicate):
      return .deferred(mask(words), isPossibleDuplicate: isPossibleDuplicate)
    case .returned: return .returned
    }
  }
}

extension String {
  /// The text with each occurrence of another replaced.
  fileprivate func replacingAll(_ other: String, with replacement: String) -> String {
    let needle = Array(other.utf8)
    var output: [UInt8] = []
    var rest = Array(utf8)[...]
    while let byte = rest.first {
      if rest.starts(with: needle) {
        output += replacement.utf8
        rest = rest.dropFirst(needle.count)
      } else {
        output.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
