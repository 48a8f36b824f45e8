/// The beginning of the code of a server's reply: digits of the reply code (RFC 5321, section 4.2),
/// or the class and further parts of the enhanced status code (RFC 3463), such as `5.7`.
package struct ReplyPrefix: Equatable, Sendable {
  private let text: String

  /// Parses `5`, `55`, `550`, `5.7` or `5.7.1`; `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let areDigits = parts.allSatisfy { part in
      (1...3).contains(part.count) && part.allSatisfy { (48...57).contains($0) }
    }
    guard areDigits, "245".utf8.contains(text.utf8.first ?? 0), parts.count <= 3,
      parts.count == 1 || parts[0].count == 1
    else { return nil }
    self.text = text
  }

  /// The patterns of SQL for replies with such a code; digits and full stops stand for themselves.
  ///
  /// A mail program may give an enhanced code without a reply code.
  var patterns: [String] {
    guard text.utf8.contains(UInt8(ascii: ".")) else { return ["\(text)%"] }
    return ["___ \(text).%", "___ \(text) %", "___ \(text)", "\(text).%", "\(text) %"]
  }
}
