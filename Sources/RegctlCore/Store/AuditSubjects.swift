internal import Base
internal import OpenSSL

/// The accounts of an act on many, as the chain of the audit covers them: by the SHA-256 of their
/// numbers, ascending, in decimal, each ended by a newline.
struct AuditSubjects {
  private var text: [UInt8] = []

  init() {}

  /// Numbers that ascend.
  init(_ numbers: [Int64]) {
    text.reserveCapacity(numbers.count * 8)
    for number in numbers { append(number) }
  }

  /// Adds a number, greater than all before.
  mutating func append(_ number: Int64) {
    text += String(number).utf8
    text.append(UInt8(ascii: "\n"))
  }

  /// Begins anew.
  mutating func removeAll() { text.removeAll(keepingCapacity: true) }

  /// The hash in hexadecimal; `nil` when there are no accounts.
  var hash: String? { text.isEmpty ? nil : Hexadecimal.text(of: Digest.sha256.digest(of: text)) }
}
