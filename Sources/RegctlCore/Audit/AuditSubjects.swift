/// The accounts of an audit entry about several, as the audit chain covers them: the SHA-256 of
/// their IDs in ascending order, in decimal, each followed by a newline.
struct AuditSubjects {
  private var text: [UInt8] = []

  init() {}

  /// Takes IDs in ascending order.
  init(_ numbers: [Int64]) {
    text.reserveCapacity(numbers.count * 8)
    for number in numbers { append(number) }
  }

  /// Adds an ID greater than all before.
  mutating func append(_ number: Int64) {
    text += String(number).utf8
    text.append(UInt8(ascii: "\n"))
  }

  /// Removes all IDs.
  mutating func removeAll() { text.removeAll(keepingCapacity: true) }

  /// The hash in hexadecimal; `nil` when there are no accounts.
  func hash(by function: borrowing SHA256) -> String? {
    text.isEmpty ? nil : function.hash(of: text)
  }
}
