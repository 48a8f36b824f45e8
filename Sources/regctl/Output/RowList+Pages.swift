internal import RegctlCore

extension RowList {
  /// Prints rows that are read in pages, each after the last row of the previous one, while more are
  /// wanted.
  func push<Element: NumberedRow>(
    in order: RowOrder, atMost limit: Int, as row: (Element) -> Row,
    reading page: (_ last: ListPlace?, _ size: Int) throws(RegctlError) -> [Element]
  ) throws(CommandError) {
    var last: ListPlace?
    var remaining = limit
    while remaining > 0 {
      let size = min(order.pageSize, remaining)
      let elements = try core(page(last, size))
      guard let newest = elements.last, push(elements.map(row)) else { break }
      last = order.place(of: newest)
      remaining = elements.count < size ? 0 : remaining - elements.count
    }
  }
}
