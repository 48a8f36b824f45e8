internal import Base

/// What the keys of an account file, or the columns of its header, mean for a table of accounts.
package final class AccountKeys: Sendable {
  /// What is done with the value of a key.
  enum Meaning: Equatable {
    case field(AccountField)
    /// The position of a column of the application's own.
    case column(Int)
    case ignored
  }

  /// A key that means another name.
  package struct Renaming: Equatable, Sendable {
    package let key: String

    /// A field of an account or a column of the table; `nil` to leave the value out.
    package let name: String?

    /// The word in place of a name that leaves a value out.
    private static let none = "none"

    /// Reads `COLUMN=NAME`; `nil` for other text.
    package init?(_ text: String) {
      let bytes = text.utf8
      guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")), equals > bytes.startIndex,
        bytes.index(after: equals) < bytes.endIndex
      else { return nil }
      key = String(Substring(bytes[..<equals]))
      let name = String(Substring(bytes[equals...].dropFirst()))
      self.name = name == Self.none ? nil : name
    }
  }

  let columns: [ApplicationColumn]
  private let renamings: [Renaming]

  /// The positions of columns by name.
  private let positions: [String: Int]

  /// The keys of a table with some columns of its own.
  package init(columns: [ApplicationColumn] = [], renamings: [Renaming] = []) {
    self.columns = columns
    self.renamings = renamings
    positions = Dictionary(
      columns.indices.map { (columns[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The meaning of a key; `nil` when the table has no such column.
  func meaning(of key: String) -> Meaning? {
    guard !renamings.isEmpty,
      let renaming = renamings.first(where: { $0.key.utf8.elementsEqual(key.utf8) })
    else { return meaning(ofName: key) }
    return renaming.name.map(meaning(ofName:)) ?? .ignored
  }

  private func meaning(ofName name: String) -> Meaning? {
    let field = AccountField(rawValue: name)
    if let field, !field.yieldsToColumn || columns.isEmpty { return .field(field) }
    return column(ofKey: name).map(Meaning.column) ?? field.map(Meaning.field)
  }

  /// The position of the column that a key means if it is not a field of an account.
  private func column(ofKey name: String) -> Int? {
    if columns.isEmpty { return nil }
    let name = ApplicationColumn.name(ofKey: name)
    // By bytes, because Swift treats some different characters as equal.
    func isMeant(_ position: Int) -> Bool {
      columns[position].name.utf8.elementsEqual(name.utf8)
    }
    guard let position = positions[name] else { return nil }
    return isMeant(position) ? position : columns.indices.first(where: isMeant)
  }

  /// Every key that the table has a meaning for.
  package var names: [String] { AccountField.names + columns.map(\.key) }

  /// The key that was probably meant.
  package func suggestion(for key: String) -> String? {
    EditDistance.nearest(to: key, among: names)
  }

  /// The first renaming to a name that neither a field nor a column has.
  package var unknownRenaming: Renaming? {
    renamings.first { $0.name.map { meaning(ofName: $0) == nil } ?? false }
  }
}
