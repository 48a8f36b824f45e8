internal import Base
internal import SQL

/// Accounts of a list as lines of cells that are separated by tabs, for lists of a million accounts:
/// bytes of the database are copied, and no value is made of them.
///
/// Only plain accounts can be printed so, which most are: with an address of printable ASCII without
/// a backslash, and with a date in UTC.
package struct PlainAccounts: Sendable {
  /// A column that the lines can have.
  package enum Column: String, CaseIterable, Sendable {
    case id, email
    case registeredOn = "registered_on"

    /// The columns with some names; `nil` if the lines cannot have one of them.
    package static func all(named names: [String]) -> [Column]? {
      let columns = names.compactMap(Column.init(rawValue:))
      return columns.count == names.count ? columns : nil
    }
  }

  package private(set) var lines: [UInt8] = []
  package private(set) var count = 0

  /// Whether all accounts were plain; otherwise the lines are not complete.
  private(set) var arePlain = true

  /// The first account that does not come after the one before it.
  private(set) var misplaced: Int64?

  private let columns: [Column]
  private let order: AccountFilter.Order

  /// The place of the last account: the bytes of its date, if these are the order, and its number.
  private var date: [UInt8]
  private var number: Int64

  /// Begins lines of accounts that come after a place, in an order other than that of addresses.
  init(_ columns: [Column], after place: ListPlace, in order: AccountFilter.Order) {
    self.columns = columns
    self.order = order
    number = place.number
    date = if case .text(let text) = place.value { Array(text.utf8) } else { [] }
  }

  /// The place of the last account.
  package var place: ListPlace {
    ListPlace(value: .text(String(decoding: date, as: UTF8.self)), number: number)
  }

  /// Appends an account from the columns id, email and registered_on.
  mutating func append(_ row: borrowing Row) {
    guard arePlain else { return }
    let id = row.account(0).rawValue
    for (index, column) in columns.enumerated() {
      if index > 0 { lines.append(UInt8(ascii: "\t")) }
      switch column {
      case .id: lines += "\(id)".utf8
      case .email: appendEmail(row)
      case .registeredOn: appendDate(row)
      }
    }
    lines.append(UInt8(ascii: "\n"))
    count += 1
    move(to: id, row)
  }

  private mutating func appendEmail(_ row: borrowing Row) {
    unsafe row.withBytes(1) { email in
      let isPlain =
        unsafe email.baseAddress != nil && PlainBytes.arePlain(UnsafeRawBufferPointer(email))
      guard isPlain else {
        arePlain = false
        return
      }
      unsafe lines.append(contentsOf: email)
    }
  }

  private mutating func appendDate(_ row: borrowing Row) {
    guard row.isText(2) else {
      arePlain = false
      return
    }
    unsafe row.withBytes(2) { date in
      arePlain =
        unsafe PlainBytes.appendRFC3339(copying: UnsafeRawBufferPointer(date), to: &lines)
        && arePlain
    }
  }

  private mutating func move(to id: Int64, _ row: borrowing Row) {
    let isBefore: Bool
    switch order {
    case .id: isBefore = id <= number
    case .idDescending: isBefore = id >= number
    case .registered, .registeredDescending: isBefore = moveDate(to: id, row)
    case .email: preconditionFailure("the order of addresses needs their values")
    }
    if isBefore, misplaced == nil { misplaced = id }
    number = id
  }

  /// Takes over the date of an account, and returns whether the account does not come after the last.
  private mutating func moveDate(to id: Int64, _ row: borrowing Row) -> Bool {
    guard row.isText(2) else {
      arePlain = false
      return false
    }
    let isDescending = order == .registeredDescending
    return unsafe row.withBytes(2) { next in
      let isEarlier = unsafe date.withUnsafeBytes { last in
        unsafe PlainBytes.precede(UnsafeRawBufferPointer(next), last)
      }
      if unsafe !PlainBytes.arePlain(UnsafeRawBufferPointer(next)) { arePlain = false }
      let isFirst = date.isEmpty
      unsafe date.replaceSubrange(0..., with: next)
      if isFirst { return false }
      guard let isEarlier else { return isDescending ? id >= number : id <= number }
      return isEarlier != isDescending
    }
  }
}
