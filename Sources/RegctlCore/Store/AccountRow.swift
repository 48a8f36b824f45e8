internal import SQL

/// An account as a query finds it, before its dates are understood.
struct AccountRow {
  let id: AccountID
  private let email: String
  private let isAdmin: Bool
  private let isConfirmed: Bool
  private let registeredOn: String?
  private let confirmedOn: String?

  /// A row with the columns id, email, admin, confirmed, registered_on, confirmed_on.
  init(row: borrowing Row) {
    id = row.account(0)
    email = row.text(1)
    isAdmin = row.boolean(2)
    isConfirmed = row.boolean(3)
    registeredOn = row.optionalText(4)
    confirmedOn = row.optionalText(5)
  }

  /// The account, with its dates read.
  func account(_ dates: AccountDates, _ records: DateRecords) -> Account {
    Account(
      id: id, email: email, isAdmin: isAdmin, isConfirmed: isConfirmed,
      registeredOn: registeredOn.flatMap {
        dates.date($0, records: records.registrations(of: id))
      },
      confirmedOn: confirmedOn.flatMap { dates.date($0, records: records.confirmations(of: id)) })
  }
}
