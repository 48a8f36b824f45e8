@testable import RegctlCore
@testable import regctl

/// Records of CSV: what is written is read as the same, whatever the fields are.
struct CSVTarget: FuzzTarget {
  static let name = "csv"

  func check(_ input: [UInt8]) {
    var fields: [String?] = []
    do throws(CSVRecord.Fault) {
      try CSVRecord.read(input.span, into: &fields)
      Property.require(!fields.isEmpty, "a record has a field")
      requireSame(fields)
    } catch {
      requireFault(error, input)
    }
    // The input as the fields of a record, ended by NUL.
    requireSame(
      input.split(separator: 0, omittingEmptySubsequences: false).map {
        $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self)
      })
  }

  private func requireFault(_ fault: CSVRecord.Fault, _ input: [UInt8]) {
    switch fault {
    case .notUTF8:
      Property.require(String(validating: input, as: UTF8.self) == nil, "UTF-8 is UTF-8")
    case .openQuote, .strayQuote:
      Property.require(input.contains(UInt8(ascii: "\"")), "only quotes can be wrong")
    }
  }

  private func requireSame(_ fields: [String?]) {
    if fields.isEmpty { return }
    var record: [UInt8] = []
    CSVRenderer.append(
      fields.map { $0.map(ReportValue.text) ?? .null }, isUnchanged: true, isTerminal: false,
      to: &record)
    Property.require(record.suffix(2) == Array("\r\n".utf8)[...], "a record has its end")
    var again: [String?] = []
    do throws(CSVRecord.Fault) {
      try CSVRecord.read(Array(record.dropLast()).span, into: &again)
    } catch {
      return Property.require(false, "what is written can be read")
    }
    // Without quotes, an empty field is none.
    Property.require(
      again.map { Array(($0 ?? "").utf8) } == fields.map { Array(($0 ?? "").utf8) },
      "fields are read as they were")
    for field in fields { requireValue(field) }
  }

  /// Requires that a value of an application's own column is read as what it was.
  private func requireValue(_ field: String?) {
    for isNumeric in [false, true] {
      guard let value = ColumnValue(field: field, isNumeric: isNumeric) else { continue }
      // A column of numbers makes one of digits in text, so that it never has such text.
      if case .text = value, isNumeric { continue }
      let again = ColumnValue(field: value.field(isTyped: isNumeric), isNumeric: isNumeric)
      Property.require(again.map(Self.bytes) == Self.bytes(value), "a value is read as it was")
    }
  }

  /// Equal for the same values: text by its bytes, and a number by its own.
  private static func bytes(_ value: ColumnValue) -> [UInt8] {
    switch value {
    case .null: []
    case .integer(let integer): Array("i\(integer)".utf8)
    case .real(let real): Array("r\(real.bitPattern)".utf8)
    case .text(let text): Array("t\(text)".utf8)
    case .malformedText(let bytes): [UInt8(ascii: "m")] + bytes
    case .blob(let bytes): [UInt8(ascii: "b")] + bytes
    }
  }
}
