internal import Base

/// Parses `regctl.conf`: lines `key = value`, and comment lines that begin with `#`.
enum ConfigurationParser {
  /// A line that assigns a value.
  struct Assignment: Equatable {
    let key: String
    let value: String
    let line: Int
  }

  static let maximumByteCount = 1 << 20

  /// The assignments in a file; each key is known and occurs once.
  static func parse(
    _ content: [UInt8], path: String
  ) throws(ConfigurationError) -> [Assignment] {
    func refuse(_ fault: ConfigurationError.Fault, line: Int) -> ConfigurationError {
      ConfigurationError(origin: .file(path: path, line: line), fault: fault)
    }
    guard content.count <= maximumByteCount else { throw refuse(.tooLarge, line: 1) }
    var assignments: [Assignment] = []
    var number = 0
    for bytes in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = trimmed(bytes)
      if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
        throw refuse(.malformedLine, line: number)
      }
      guard let key = String(validating: trimmed(line[..<equals]), as: UTF8.self),
        let value = String(validating: trimmed(line[(equals + 1)...]), as: UTF8.self)
      else { throw refuse(.notUTF8, line: number) }
      guard Setting.named(key) != nil else {
        if let setting = Setting.replacement(for: key) {
          throw refuse(.replacedKey(key, by: setting), line: number)
        }
        let suggestion = EditDistance.nearest(to: key, among: Setting.all.map(\.key))
        throw refuse(.unknownKey(name(of: line), suggestion: suggestion), line: number)
      }
      if let first = assignments.first(where: { $0.key == key }) {
        throw refuse(.repeatedKey(key, firstLine: first.line), line: number)
      }
      assignments.append(Assignment(key: key, value: value, line: number))
    }
    return assignments
  }

  /// The key of a line that looks like an assignment: `word =`.
  ///
  /// Any other line may be a secret, since a key file may be given as a configuration. A word has 1
  /// to 40 lower case letters and underscores. A space before the equals sign, or a value after it,
  /// distinguishes it from base64 with padding.
  static func name(of line: ArraySlice<UInt8>) -> String? {
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let (before, value) = (line[..<equals], line[equals...])
    let word = trimmed(before)
    let isWord =
      (1...40).contains(word.count)
      && word.allSatisfy { $0.isSmallLetter || $0 == UInt8(ascii: "_") }
    let hasBlank = before.last.map(isBlank) ?? false
    guard isWord, hasBlank || !value.allSatisfy({ $0 == UInt8(ascii: "=") || isBlank($0) }) else {
      return nil
    }
    return String(decoding: word, as: UTF8.self)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0d].contains(byte) }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let inner = bytes.drop(while: isBlank)
    return inner.prefix(inner.count - inner.reversed().prefix(while: isBlank).count)
  }
}
