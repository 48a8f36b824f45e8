internal import Base
internal import SMTP
internal import System

/// The file that `mail_headers` names: a header field a line, empty lines, and comments that begin
/// with `#`.
enum MailHeaderFile {
  private static let maximumByteCount = 64 << 10

  /// The header fields of the configured file; none without one.
  static func headers(
    of configuration: Configuration, uid: UInt32
  ) throws(RegctlError) -> [FurtherHeader] {
    guard let path = configuration.mailHeaders else { return [] }
    func refuse(_ fault: ConfigurationError.Fault, line: Int = 0) -> RegctlError {
      .configuration(ConfigurationError(origin: .file(path: path, line: line), fault: fault))
    }
    guard let file = try FileTrust(uid: uid).open(path) else {
      throw refuse(.missingFile(path: path, setting: "mail_headers"))
    }
    guard try fileAccess(file.status()).isRegularFile else {
      throw refuse(.notARegularFile(path: path))
    }
    let content = try fileAccess(file.read(atMost: maximumByteCount))
    guard content.count <= maximumByteCount else { throw refuse(.tooLarge) }
    var headers: [FurtherHeader] = []
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
      do throws(MailHeader.Fault) {
        headers.append(try MailHeader.parse(line))
      } catch {
        throw refuse(.mailHeader(error), line: index + 1)
      }
    }
    return headers
  }
}
