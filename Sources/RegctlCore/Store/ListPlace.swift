internal import SQL

/// The position at which a paginated list continues: after a value and, among equal values, after a
/// row ID.
package struct ListPlace: Equatable, Sendable {
  let value: Value
  let number: Int64

  /// Before every number and, in a file, before every date: in SQLite a number sorts before any
  /// text. For dates on a server see `Store.bound`.
  static let beginning = ListPlace(value: .integer(.min), number: .min)

  /// After every number and, in a file, after every date: in SQLite a blob sorts after any text.
  static let end = ListPlace(value: .blob([0xff]), number: .max)
}

extension ListPlace: Comparable {
  package static func < (left: ListPlace, right: ListPlace) -> Bool {
    left.value == right.value
      ? left.number < right.number : left.value < right.value
  }
}

extension Store {
  /// Rejects a page of rows with numbers in which one does not come after the previous one.
  func requireOrder(
    of rows: [some NumberedRow], in order: RowOrder, after last: ListPlace?, in table: String
  ) throws(RegctlError) {
    try requireOrder(of: rows, by: order.place, after: last, in: table, numbered: \.number)
  }

  /// Rejects a page of a list in which a row does not come after the previous one.
  ///
  /// An index that disagrees with its table may return the same rows again and again, and a list
  /// that continues after the last of them would never end.
  func requireOrder<Element, Key: Comparable>(
    of elements: [Element], by key: (Element) -> Key, after last: Key?, in table: String,
    numbered number: (Element) -> Int64
  ) throws(RegctlError) {
    var last = last
    for element in elements {
      let next = key(element)
      if let last, !(last < next) {
        throw .store(.malformed(MalformedRow(table: table, outOfOrder: number(element))))
      }
      last = next
    }
  }
}
