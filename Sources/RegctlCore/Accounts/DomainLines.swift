internal import Base
internal import IDN2

/// The domains of a file, one a line, of which nothing is kept.
///
/// A line may have blanks around its domain, and a comment that begins with `#`.
struct DomainLines {
  /// A line with a domain.
  struct Line {
    /// The number of the line, from 1.
    let number: Int

    /// The domain in A-labels, with the case of the file.
    let domain: ArraySlice<UInt8>

    /// The checksum of the domain in lower case.
    let checksum: UInt32
  }

  private let content: [UInt8]
  private let path: String
  private var position: Int
  private var number = 0

  /// The longest name that DNS can hold (RFC 1035, section 2.3.4, without the length bytes).
  private static let maximumByteCount = 253

  /// The lines of a file with a path, after the UTF-8 byte order mark that some programs write.
  init(_ content: [UInt8], path: String) {
    self.content = content
    self.path = path
    position = content.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  /// The next line with a domain; `nil` at the end. Throws if a line has something else.
  mutating func next() throws(RegctlError) -> Line? {
    while position < content.count {
      let domain = takeLine()
      if domain.isEmpty { continue }
      let ascii = domain.allSatisfy { $0 < 0x80 } ? domain : try inALabels(domain)
      guard ascii.count <= Self.maximumByteCount, EmailAddress.isDomain(ascii) else {
        throw refusal
      }
      return Line(number: number, domain: ascii, checksum: Self.checksum(of: ascii))
    }
    return nil
  }

  /// Advances by a line and returns what it has before a comment, without blanks around it.
  private mutating func takeLine() -> ArraySlice<UInt8> {
    number += 1
    var (start, end) = (position, position)
    // The position after the last byte that is no blank, before a comment.
    var hasComment = false
    while position < content.count, content[position] != UInt8(ascii: "\n") {
      let byte = content[position]
      if byte == UInt8(ascii: "#") { hasComment = true }
      if !hasComment, !Self.isBlank(byte) {
        if start == end { start = position }
        end = position + 1
      }
      position += 1
    }
    position += 1
    return content[start..<end]
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  /// The domain of a line in A-labels, which needs libidn2.
  private func inALabels(_ domain: ArraySlice<UInt8>) throws(RegctlError) -> ArraySlice<UInt8> {
    guard let text = String(validating: domain, as: UTF8.self) else { throw refusal }
    do throws(IDN2Error) {
      return Array(try InternationalDomain(text).ascii.utf8)[...]
    } catch {
      switch error {
      case .domain: throw refusal
      case .library(let reason):
        throw .address(AddressError(text: text, fault: .library(reason: reason)))
      }
    }
  }

  /// The line is not repeated: a file named by mistake may hold secrets.
  private var refusal: RegctlError {
    .configuration(
      ConfigurationError(origin: .file(path: path, line: number), fault: .notADomain))
  }

  /// A checksum of a domain in lower case (FNV-1a of 32 bits), by which most lines are passed over.
  static func checksum(of domain: some Collection<UInt8>) -> UInt32 {
    domain.reduce(2_166_136_261) { ($0 ^ UInt32($1.lowercased)) &* 16_777_619 }
  }
}
