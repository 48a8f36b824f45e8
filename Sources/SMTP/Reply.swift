/// A server's reply to a command (RFC 5321, section 4.2).
package struct Reply: Equatable, Sendable {
  /// The three-digit code, from 200 to 559.
  package let code: Int

  /// The text of each line, without code and line end.
  package let lines: [String]

  /// The meaning of the first digit.
  package enum Kind: Int, Equatable, Sendable {
    case success = 2
    case intermediate = 3
    case temporaryFailure = 4
    case permanentFailure = 5
  }

  package var kind: Kind { Kind(rawValue: code / 100) ?? .permanentFailure }

  /// The whole reply on one line: `550 5.1.1 No such user`.
  package var text: String {
    let words = lines.filter { !$0.isEmpty }.joined(separator: " ")
    return words.isEmpty ? String(code) : "\(code) \(words)"
  }
}
