internal import RegctlCore
internal import System

/// A file or standard input with an address a line, such as the column of a spreadsheet.
///
/// Blanks around an address, a CR at the end, a byte order mark and empty lines are skipped.
struct AddressFile {
  private let lines: FileLines

  /// Longer than any address with its blanks.
  private static let lineLimit = 4096

  /// Opens a file; `-` is standard input.
  init(path: String, _ input: InputSource) throws(CommandError) {
    if path == "-" {
      lines = input.fileLines(atMost: Self.lineLimit)
      return
    }
    do throws(FileError) {
      lines = try FileLines(path: path, limit: Self.lineLimit)
    } catch {
      throw .core(.file(error))
    }
  }

  /// All addresses; throws at the first line that has something else.
  func addresses() throws(CommandError) -> [String] {
    var addresses: [String] = []
    while try next() {
      let line = Self.trimmed(lines.record, isFirst: lines.number == 1)
      if line.isEmpty { continue }
      let text = String(decoding: line, as: UTF8.self)
      if let fault = Self.fault(of: line) {
        throw .line(path: lines.path, number: lines.number, AddressError(text: text, fault: fault))
      }
      addresses.append(text)
    }
    return addresses
  }

  private func next() throws(CommandError) -> Bool {
    do throws(FileError) {
      return try lines.next()
    } catch {
      throw .core(.file(error))
    }
  }

  /// Why a line is not an address of any account, whatever the application accepts.
  private static func fault(of line: ArraySlice<UInt8>) -> AddressError.Fault? {
    if line.count > 254 { return .tooLong }
    if line.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return .controlByte }
    if line.contains(UInt8(ascii: " ")) { return .blank }
    return line.contains(UInt8(ascii: "@")) ? nil : .missingAt
  }

  /// A line without what a spreadsheet or an editor puts around an address; of the first line, also
  /// without a byte order mark.
  static func trimmed(_ line: ArraySlice<UInt8>, isFirst: Bool = false) -> ArraySlice<UInt8> {
    var line = line
    if isFirst, line.starts(with: [0xef, 0xbb, 0xbf]) { line = line.dropFirst(3) }
    while let count = blank(at: line) { line = line.dropFirst(count) }
    while true {
      if let last = line.last, isBlank(last) {
        line = line.dropLast()
      } else if line.suffix(2).elementsEqual(noBreakSpace) {
        line = line.dropLast(2)
      } else {
        return line
      }
    }
  }

  private static let noBreakSpace: [UInt8] = [0xc2, 0xa0]

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0d
  }

  /// The number of bytes of the blank with which a line begins.
  private static func blank(at line: ArraySlice<UInt8>) -> Int? {
    guard let first = line.first else { return nil }
    if isBlank(first) { return 1 }
    return line.starts(with: noBreakSpace) ? 2 : nil
  }
}
