internal import Base
internal import System

/// A file of accounts to import: JSON, one object per line, or CSV with a header.
///
/// The first byte that is not whitespace determines the format. The file is read once, with a few
/// lines in memory.
package final class AccountFile {
  /// The content of a line.
  struct Line {
    /// The number of the line, from 1.
    let number: Int

    /// The address, if the line could be parsed that far.
    let email: String?

    /// The number of bytes of the line, or of the lines of a record.
    let byteCount: Int
    let content: Result<ImportedAccount, ImportError.Fault>
  }

  private enum Format {
    case json
    /// The meaning of each column.
    case csv([AccountKeys.Meaning])
  }

  /// A record has a few fields with one line each; a longer one has an unclosed quote.
  private static let mostLinesOfRecord = 100

  /// The maximum number of bytes of a record.
  static let maximumRecordByteCount = 65_536

  private let input: FileLines

  /// The length of a regular file in bytes.
  let byteCount: Int64?
  private let path: String?
  private let keyFile: String?
  private var format: Format?
  private var values = AccountValues(AccountKeys(), allowsUTF8: false)
  private var fields: [String?] = []

  /// The keys that lines may have.
  private var keys: AccountKeys { values.keys }

  /// Sets what lines may have, before the first is read.
  func expect(_ keys: AccountKeys, allowsUTF8: Bool) {
    values = AccountValues(keys, allowsUTF8: allowsUTF8)
  }

  /// Opens a file; `keyFile` is the file of the signing keys, which is rejected.
  package init(path: String, keyFile: String? = nil) throws(RegctlError) {
    input = try fileAccess(FileLines(path: path, limit: Self.maximumRecordByteCount))
    self.path = path
    self.keyFile = keyFile
    // Without it, only the time that is left is not known.
    let status = (try? FileSystem.status(of: path)) ?? nil
    byteCount = status.flatMap { $0.isRegularFile ? $0.byteCount : nil }
  }

  /// Reads a descriptor, such as standard input.
  package init(descriptor: Int32, named name: String) {
    input = FileLines(
      descriptor: descriptor, path: name, limit: Self.maximumRecordByteCount)
    (path, keyFile, byteCount) = (nil, nil, nil)
  }

  /// The next nonblank line; `nil` at the end.
  func next() throws(RegctlError) -> Line? {
    while try fileAccess(input.next()) {
      if content.allSatisfy(\.isJSONBlank), !input.isTooLong { continue }
      switch format {
      case .json: return line(readJSON)
      case .csv(let columns): return try readCSV(columns)
      case nil:
        try begin()
        if case .json = format { return line(readJSON) }
      }
    }
    return nil
  }

  private func line(_ read: () throws(ImportError.Fault) -> ImportedAccount) -> Line {
    values.clear()
    let content: Result<ImportedAccount, ImportError.Fault>
    do throws(ImportError.Fault) {
      content = .success(input.isTooLong ? try tooLong() : try read())
    } catch {
      content = .failure(error)
    }
    return Line(
      number: input.number, email: values.email, byteCount: input.byteCount, content: content)
  }

  private func tooLong() throws(ImportError.Fault) -> ImportedAccount { throw .tooLong }

  /// The current record, without the UTF-8 byte order mark that some programs write.
  private var content: ArraySlice<UInt8> {
    let record = input.record
    return input.number == 1 && record.starts(with: [0xef, 0xbb, 0xbf])
      ? record.dropFirst(3) : record
  }

  // MARK: Format

  /// Determines the format by the first line, and the columns of CSV.
  private func begin() throws(RegctlError) {
    let line = input.number
    func refuse(_ fault: ImportError.Fault) -> RegctlError {
      .importing(ImportError(line: line, fault: fault))
    }
    if input.isTooLong { throw refuse(.tooLong) }
    let first = content.first { !$0.isJSONBlank }
    if first == UInt8(ascii: "{") {
      format = .json
      return
    }
    if first == UInt8(ascii: "[") { throw refuse(.array) }
    do throws(CSVRecord.Fault) {
      try CSVRecord.read(content.span, into: &fields)
    } catch {
      throw refuse(error == .notUTF8 ? .notUTF8 : .csv(error))
    }
    var columns: [AccountKeys.Meaning] = []
    let names = fields.map { $0 ?? "" }
    let isHeader = names.contains { keys.meaning(of: $0) != nil }
    if !isHeader, holdsKeys { throw refuse(.keyFile(path: path ?? "")) }
    let unknown = names.filter { keys.meaning(of: $0) == nil }
    if let first = unknown.first {
      let suggestion = keys.suggestion(for: first)
      // A line without a known or misspelled column may be a secret instead of a header.
      let isMisspelt = names.count > 1 && (isHeader || suggestion != nil)
      guard isMisspelt else { throw refuse(.noColumn) }
      throw refuse(.unknownFields(isHeader ? unknown : [first], suggestion: suggestion))
    }
    for name in names {
      guard let meaning = keys.meaning(of: name) else { continue }
      guard meaning == .ignored || !columns.contains(meaning) else {
        throw refuse(.repeatedField(name))
      }
      columns.append(meaning)
    }
    guard columns.contains(.field(.email)) else { throw refuse(.missingEmail) }
    format = .csv(columns)
  }

  /// Whether the file, which does not begin like an account file, contains signing keys.
  private var holdsKeys: Bool {
    // A FIFO cannot be read twice, and an unreadable file is not known to contain keys.
    guard let path, (try? FileSystem.status(of: path))?.isRegularFile == true,
      let content = try? FileSystem.read(path, atMost: SecretFile.maximumByteCount)
    else { return false }
    return SecretFile.isKeyFile(content, inForce: keyFile)
  }

  // MARK: Lines

  private func readJSON() throws(ImportError.Fault) -> ImportedAccount {
    var reader = JSONReader(content)
    // Text that does not even begin as JSON is not an object either.
    guard let first = try? reader.next(), first == .beginObject else { throw .json(.noObject) }
    while case .name(let name) = try piece(&reader) {
      switch try piece(&reader) {
      case .value(let value): try values.set(name, value)
      case let first?: try readNested(name, first, &reader)
      case nil: throw .json(.nested(name))
      }
    }
    _ = try piece(&reader)
    return try values.account()
  }

  /// Reads a value that is an object, `{"TYPE":"VALUE"}`, or skips it if it is to be left out.
  private func readNested(
    _ name: String, _ first: JSONReader.Piece, _ reader: inout JSONReader
  ) throws(ImportError.Fault) {
    switch values.meaning(of: name) {
    case .field: throw .json(.nested(name))
    case .column(let position):
      guard first == .beginObject, case .name(let type) = try piece(&reader),
        case .value(.text(let text)) = try piece(&reader), try piece(&reader) == .endObject
      else { throw .columnValue(name) }
      try values.set(position, to: ColumnValue(type: type, text))
    case .ignored:
      var depth = 1
      while depth > 0 {
        switch try piece(&reader) {
        case .beginObject, .beginArray: depth += 1
        case .endObject, .endArray: depth -= 1
        case .name, .value: break
        case nil: return
        }
      }
    }
  }

  /// The next token of a line; `nil` at its end.
  private func piece(_ reader: inout JSONReader) throws(ImportError.Fault) -> JSONReader.Piece? {
    do throws(JSONError) {
      return try reader.next()
    } catch {
      switch error {
      case .syntax(let byte): throw .json(.syntax(byte: byte))
      case .notUTF8: throw .notUTF8
      }
    }
  }

  private func readCSV(_ columns: [AccountKeys.Meaning]) throws(RegctlError) -> Line {
    var fault: CSVRecord.Fault?
    for _ in 0..<Self.mostLinesOfRecord where !input.isTooLong {
      fault = nil
      do throws(CSVRecord.Fault) {
        try CSVRecord.read(content.span, into: &fields)
      } catch {
        fault = error
      }
      guard fault == .openQuote, try fileAccess(input.extend()) else { break }
    }
    // A stray quote must not absorb the lines after it.
    if fault != nil { input.shrink() }
    return line { () throws(ImportError.Fault) in
      if let fault { throw fault == .notUTF8 ? .notUTF8 : .csv(fault) }
      guard fields.count == columns.count else {
        throw .fieldCount(fields.count, expected: columns.count)
      }
      try values.set(columns, fields: fields)
      return try values.account()
    }
  }
}
