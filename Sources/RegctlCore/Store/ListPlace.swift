internal import SQL

/// Where a list continues that is read in pieces: behind a value, and among equal values behind the
/// number of a row.
struct ListPlace: Equatable, Sendable {
  let value: Value
  let number: Int64

  /// Before every date: a number sorts before every text.
  static let beginning = ListPlace(value: .integer(.min), number: .min)
}

extension ListPlace: Comparable {
  static func < (left: ListPlace, right: ListPlace) -> Bool {
    left.value == right.value
      ? left.number < right.number : left.value < right.value
  }
}

extension Store {
  /// Refuses a piece of a list in which a row does not come after the one before.
  ///
  /// An index that does not agree with its table may give the same rows again and again, and a list
  /// that goes on behind the last of them would never end.
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
