internal import SQL

/// The columns of the application's own that an export prints and an import fills, and the
/// statements with them, each of which is assembled once.
package final class ApplicationColumns {
  /// What a statement does, for accounts with values in some of the columns.
  enum Purpose: Int, CaseIterable {
    case insertion
    /// An insertion that does nothing if the number or the address is taken.
    case insertionIfFree
    /// The same for an account that brings its number.
    case insertionOfFreeNumber
    /// Finds the account with a number if it has these values.
    case comparison
  }

  private struct Key: Hashable {
    let purpose: Purpose
    let positions: [Int]
  }

  /// The columns, in the order of the table.
  package let all: [ApplicationColumn]

  /// The number of values before those of the columns in an insertion.
  let fieldCount: Int

  /// The statement that reads accounts with all of the columns.
  let selection: AssembledStatement

  /// The other statements: lines of JSON may have different keys, but most have the same.
  private var statements: [Key: AssembledStatement] = [:]

  /// The last of them by purpose.
  private var latest = [(positions: [Int], statement: AssembledStatement)?](
    repeating: nil, count: Purpose.allCases.count)

  /// The number of statements after which they are forgotten, for a file with arbitrary lines.
  private static let greatestStatementCount = 50

  init(_ all: [ApplicationColumn], fieldCount: Int) {
    self.all = all
    self.fieldCount = fieldCount
    selection = AssembledStatement(Self.selection(of: all))
  }

  /// The statement for an account with these values.
  func statement(
    _ purpose: Purpose, of contents: [ImportedAccount.ColumnContent]
  ) -> AssembledStatement {
    if let latest = latest[purpose.rawValue],
      latest.positions.elementsEqual(contents, by: { $0 == $1.position })
    {
      return latest.statement
    }
    let key = Key(purpose: purpose, positions: contents.map(\.position))
    let statement =
      statements[key]
      ?? AssembledStatement(
        text(of: purpose, key.positions.map { all[$0].name }))
    if statements.count == Self.greatestStatementCount { statements = [:] }
    statements[key] = statement
    latest[purpose.rawValue] = (key.positions, statement)
    return statement
  }

  /// The first column that needs a value and gets none; `nil` when an account can be inserted.
  func missing(in account: ImportedAccount) -> String? {
    all.indices.first { position in
      if all[position].isNullable { return false }
      let content = account.columns.first { $0.position == position }
      return content.map { $0.value == .null } ?? !all[position].hasDefault
    }.map { all[$0].name }
  }
}

extension ColumnValue {
  /// A value that was read.
  init(_ value: Value) {
    self =
      switch value {
      case .integer(let integer): .integer(integer)
      case .boolean(let boolean): .integer(boolean ? 1 : 0)
      // JSON has no word for it, and the server reads its own.
      case .real(let real) where real.isNaN: .text("NaN")
      case .real(let real): .real(real)
      case .text(let text): .text(text)
      case .malformedText(let bytes): .malformedText(bytes)
      case .blob(let bytes): .blob(bytes)
      case .null, .integers, .texts: .null
      }
  }

  /// The value to store.
  var stored: Value {
    switch self {
    case .null: .null
    case .integer(let integer): .integer(integer)
    case .real(let real): .real(real)
    case .text(let text): .text(text)
    case .malformedText(let bytes): .malformedText(bytes)
    case .blob(let bytes): .blob(bytes)
    }
  }
}
