/// An incremental parser of replies, which rejects what the protocol forbids.
struct ReplyParser {
  /// Why bytes are not a valid reply.
  enum Fault: Error, Equatable, Sendable {
    case lineTooLong, tooManyLines, replyTooLong, malformedLine, mixedCodes, unknownCode

    var words: String {
      switch self {
      case .lineTooLong: "a reply line is longer than 2 KiB"
      case .tooManyLines: "a reply has more than 100 lines"
      case .replyTooLong: "a reply is longer than 64 KiB"
      case .malformedLine: "the server sent an invalid reply"
      case .mixedCodes: "the lines of a reply have different codes"
      case .unknownCode: "the server sent a reply code that does not exist"
      }
    }
  }

  /// RFC 5321, section 4.5.3.1.5, allows 512 bytes; some servers send more.
  static let maximumLineByteCount = 2048
  static let maximumLineCount = 100

  /// The limit for all lines of a reply, including line ends.
  static let maximumByteCount = 65_536

  private var buffer: [UInt8] = []
  private var scanned = 0
  private var code: Int?
  private var lines: [String] = []

  /// The length of the lines of the incomplete reply.
  private var byteCount = 0

  /// Whether no bytes of an incomplete reply are buffered.
  var isEmpty: Bool { buffer.isEmpty && lines.isEmpty }

  mutating func append(_ bytes: ArraySlice<UInt8>) { buffer += bytes }

  /// Returns the next reply, or `nil` while it is incomplete.
  mutating func next() throws(Fault) -> Reply? {
    while let line = try nextLine() {
      let (code, isLast, text) = try Self.parse(line)
      if let first = self.code, first != code { throw .mixedCodes }
      byteCount += line.count + 2
      guard byteCount <= Self.maximumByteCount else { throw .replyTooLong }
      lines.append(text)
      self.code = code
      if isLast {
        defer {
          lines = []
          self.code = nil
          byteCount = 0
        }
        return Reply(code: code, lines: lines)
      }
      guard lines.count < Self.maximumLineCount else { throw .tooManyLines }
    }
    return nil
  }

  private mutating func nextLine() throws(Fault) -> ArraySlice<UInt8>? {
    guard let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
      scanned = buffer.count
      guard buffer.count < Self.maximumLineByteCount else { throw .lineTooLong }
      return nil
    }
    guard end < Self.maximumLineByteCount else { throw .lineTooLong }
    let line = buffer[..<end]
    buffer = Array(buffer[(end + 1)...])
    scanned = 0
    guard line.last == UInt8(ascii: "\r") else { throw .malformedLine }
    return line.dropLast()
  }

  private static func parse(
    _ line: ArraySlice<UInt8>
  ) throws(Fault) -> (code: Int, isLast: Bool, text: String) {
    let digits = line.prefix(3)
    guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw .malformedLine
    }
    let code = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    let rest = line.dropFirst(3)
    let separator = rest.first ?? UInt8(ascii: " ")
    guard [UInt8(ascii: " "), UInt8(ascii: "-")].contains(separator) else { throw .malformedLine }
    // RFC 5321, section 4.2.1: the first digit is 2 to 5, the second 0 to 5.
    guard (200..<600).contains(code), code / 10 % 10 <= 5 else { throw .unknownCode }
    return (
      code, separator == UInt8(ascii: " "), String(decoding: rest.dropFirst(), as: UTF8.self)
    )
  }
}
