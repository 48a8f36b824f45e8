/// An error message of libpq about a connection.
struct ConnectionMessage: Equatable {
  /// The code of the server's error; empty when libpq itself reports one.
  let state: String

  /// The message on one line, without the code.
  let text: String

  /// The message in a text of libpq of the verbosity `PQERRORS_VERBOSE`.
  ///
  /// libpq has no function for the code of an error in connecting. In a verbose message it stands
  /// between the severity and the message, `FATAL:  28P01: password authentication failed`, and a
  /// line `LOCATION:` follows. After several attempts, the last one counts: the first may only have
  /// been one without encryption.
  init(_ message: String) {
    var state = ""
    var lines: [String] = []
    for var line in message.utf8.split(separator: UInt8(ascii: "\n")).map(Array.init)
    where !line.starts(with: "LOCATION:".utf8) {
      if let start = Self.startOfCode(in: line) {
        state = String(decoding: line[start..<start + 5], as: UTF8.self)
        line.removeSubrange(start..<start + 7)
      }
      lines.append(String(decoding: line.drop { $0 == UInt8(ascii: "\t") }, as: UTF8.self))
    }
    self.state = state
    text = lines.joined(separator: "; ")
  }

  /// Where a line has a code: five digits or capitals behind `:  ` and before `: `.
  private static func startOfCode(in line: [UInt8]) -> Int? {
    line.indices.dropFirst(3).first { start in
      line[start - 3..<start].elementsEqual(":  ".utf8)
        && line[start...].prefix(5).allSatisfy(isCodeCharacter)
        && line[start...].dropFirst(5).starts(with: ": ".utf8)
    }
  }

  private static func isCodeCharacter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
