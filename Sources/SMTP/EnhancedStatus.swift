internal import Base

/// An enhanced status code of a reply (RFC 3463): `5.1.1`.
package struct EnhancedStatus: Equatable, Sendable, CustomStringConvertible {
  /// Whether a further attempt can succeed: 2 success, 4 persistent transient failure, 5 permanent
  /// failure.
  package let level: Int

  /// What the reply is about, from 0 to 999: 1 the address, 2 the mailbox, 3 the mail system, 4 the
  /// network, 5 the protocol, 6 the content, 7 security or policy.
  package let subject: Int

  /// The condition, from 0 to 999.
  package let detail: Int

  /// Reads the code behind the basic code of a reply on one line, `550 5.1.1 No such user`.
  ///
  /// Returns `nil` without one, or when its first digit is not that of the basic code, which RFC 2034,
  /// section 4, requires.
  package init?(reply text: String) {
    let words = text.utf8.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard words.count > 1, let basic = Self.number(words[0], digits: 3...3) else { return nil }
    self.init(words[1])
    if level != basic / 100 { return nil }
  }

  /// Reads a code that stands alone, `5.1.1`.
  package init?(code text: String) { self.init(text[...].utf8) }

  private init?(_ text: Substring.UTF8View) {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let level = Self.number(parts[0], digits: 1...1),
      [2, 4, 5].contains(level), let subject = Self.number(parts[1], digits: 1...3),
      let detail = Self.number(parts[2], digits: 1...3)
    else { return nil }
    self.level = level
    self.subject = subject
    self.detail = detail
  }

  package var description: String { "\(level).\(subject).\(detail)" }

  private static func number(_ text: Substring.UTF8View, digits: ClosedRange<Int>) -> Int? {
    guard digits.contains(text.count), text.allSatisfy(\.isDigit) else { return nil }
    return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }
}
