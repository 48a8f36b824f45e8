internal import Base
internal import SQL

extension Store {
  /// Reads accounts in batches, without a lock between batches.
  ///
  /// The web application can therefore register accounts while the list is read, in any journal
  /// mode. A batch continues after the last account of the previous one. Only the details that are
  /// asked for are read.
  package func accounts(
    after last: ListPlace?, matching filter: AccountFilter,
    with details: AccountDetails = [], limit: Int
  ) throws(RegctlError) -> [ListedAccount] {
    try requireColumns(of: filter)
    let dates = try accountDates()
    if dates.areUTC {
      return try accountPage(after: last, filter, details, limit: limit, dates)
    }
    // Text selects the day; which moments the local times of that day mean is known afterwards.
    let wider = filter.widened(by: DatabaseZone.greatestDifference)
    var found: [ListedAccount] = []
    var last = last
    while found.count < limit {
      let page = try accountPage(after: last, wider, details, limit: limit, dates)
      found += page.filter { filter.includes($0.registeredOn) }.prefix(limit - found.count)
      guard page.count == limit else { break }
      last = page.last?.place
    }
    return found
  }

  /// The number of accounts.
  package func accountCount(matching filter: AccountFilter) throws(RegctlError) -> Int {
    try requireColumns(of: filter)
    let dates = try accountDates()
    if filter.hasDates, !dates.areUTC {
      var count = 0
      var last: ListPlace?
      repeat {
        let page = try accounts(after: last, matching: filter, limit: 10_000)
        count += page.count
        last = page.last?.place
      } while last != nil
      return count
    }
    let query = try accountQuery(filter).count()
    return try count(query)
  }

  /// Throws if the table lacks a column that a filter needs.
  func requireColumns(of filter: AccountFilter) throws(RegctlError) {
    if filter.hasDates { try require(.registeredOn) }
    if filter.states?.contains(.admin) == true { try require(.admin) }
    if filter.states?.contains(.locked) == true { try requireLocks() }
    if filter.states?.contains(.bounced) == true { try requireBounces() }
  }

  /// The next accounts, whose dates are compared as text in UTC.
  private func accountPage(
    after last: ListPlace?, _ filter: AccountFilter, _ details: AccountDetails, limit: Int,
    _ dates: AccountDates
  ) throws(RegctlError) -> [ListedAccount] {
    let query = try accountQuery(filter)
    let order = filter.order
    var accounts: [ListedAccount] = []
    for part in parts(of: order) where accounts.count < limit {
      let page = query.page(
        part, after: last ?? Self.beginning(of: order), with: details,
        limit: limit - accounts.count)
      try forEach(page.text, page.values) { row in
        accounts.append(ListedAccount(row: row, in: order, dates))
      }
    }
    try requireOrder(of: accounts, after: last, by: order)
    if details.contains(.lock) {
      let locked = try locked(among: accounts.map { ($0.id, $0.email) })
      for place in accounts.indices where locked.contains(accounts[place].id) {
        accounts[place].isLocked = true
      }
    }
    if details.contains(.bounce) {
      let suppressed = try suppressed(among: accounts.map { ($0.id, $0.email) })
      for place in accounts.indices where suppressed.contains(accounts[place].id) {
        accounts[place].isBounced = true
      }
    }
    if dates.areUTC || accounts.isEmpty { return accounts }
    let records = try dateRecords(of: accounts.map(\.id))
    for (place, account) in accounts.enumerated() {
      accounts[place].registeredOn = dates.date(
        account.registeredText, records: records.registrations(of: account.id))
      accounts[place].confirmedOn = account.confirmedText.flatMap {
        dates.date($0, records: records.confirmations(of: account.id))
      }
    }
    return accounts
  }

  /// The queries that together read a page.
  func parts(of order: AccountFilter.Order) -> [AccountQuery.Part] {
    switch order {
    case .registered, .registeredDescending: isFile ? [.sameDate, .otherDates] : [.whole]
    case .id, .idDescending, .email: [.whole]
    }
  }

  /// The queries for a filter.
  func accountQuery(_ filter: AccountFilter) throws(RegctlError) -> AccountQuery {
    var locked: [String] = []
    if filter.states?.contains(.locked) == true {
      for domain in try lockedDomains().map(\.name).sorted() {
        locked += try AddressSpellings.spellings(ofDomain: domain)
      }
    }
    return AccountQuery(
      filter: filter, domains: try AddressSpellings.spellings(ofDomain: filter.domain),
      lockedDomains: locked,
      bound: { self.bound($0) },
      date: { self.bound($0.databaseText) })
  }

  /// The place before the first account.
  static func beginning(of order: AccountFilter.Order) -> ListPlace {
    switch order {
    case .id, .registered: .beginning
    case .idDescending, .registeredDescending: .end
    case .email: ListPlace(value: .text(""), number: .min)
    }
  }

  var isFile: Bool { if case .file = location { true } else { false } }

  /// Rejects a page that is not in the order of the engine.
  private func requireOrder(
    of accounts: [ListedAccount], after last: ListPlace?, by order: AccountFilter.Order
  ) throws(RegctlError) {
    switch (location, order) {
    case (_, .id):
      try requireOrder(
        of: accounts, by: \.id.rawValue, after: last?.number, in: mapping.table,
        numbered: \.id.rawValue)
    case (_, .idDescending):
      try requireOrder(
        of: accounts, by: { -$0.id.rawValue }, after: last.map { -$0.number },
        in: mapping.table, numbered: \.id.rawValue)
    case (.server, .email):
      try requireOrder(
        of: accounts, by: { AddressPlace(email: $0.email) },
        after: last?.text.map(AddressPlace.init), in: mapping.table,
        numbered: \.id.rawValue)
    case (.file, .email), (.file, .registered):
      try requireOrder(
        of: accounts, by: \.place, after: last, in: mapping.table, numbered: \.id.rawValue)
    case (.server, .registered):
      // An infinite date, or one beyond four digits of the year, has a text that is not in order.
      let ordered = accounts.filter(\.place.hasOrderedDate)
      try requireOrder(
        of: ordered, by: \.place, after: last.flatMap { $0.hasOrderedDate ? $0 : nil },
        in: mapping.table, numbered: \.id.rawValue)
    case (_, .registeredDescending):
      let ordered = isFile ? accounts : accounts.filter(\.place.hasOrderedDate)
      try requireOrder(
        of: ordered, by: { Descending(place: $0.place) },
        after: last.flatMap { place in
          isFile || place.hasOrderedDate ? Descending(place: place) : nil
        }, in: mapping.table, numbered: \.id.rawValue)
    }
  }
}

/// A position in a list that begins with the newest.
private struct Descending: Comparable {
  let place: ListPlace

  static func < (left: Descending, right: Descending) -> Bool { right.place < left.place }
}

/// The position of an address in the index of addresses on a server.
private struct AddressPlace: Comparable {
  let email: String

  static func < (left: AddressPlace, right: AddressPlace) -> Bool {
    let (one, other) = (left.email.utf8, right.email.utf8)
    let (folded, otherFolded) = (one.lazy.map(\.lowercased), other.lazy.map(\.lowercased))
    return folded.elementsEqual(otherFolded)
      ? one.lexicographicallyPrecedes(other) : folded.lexicographicallyPrecedes(otherFolded)
  }
}

extension ListPlace {
  fileprivate var text: String? { if case .text(let text) = value { text } else { nil } }

  /// Whether the text of the date is of the form whose texts sort as the dates.
  fileprivate var hasOrderedDate: Bool {
    text?.utf8.count == "2026-11-23 09:00:00.000000".utf8.count
  }
}

extension ListedAccount {
  /// An account whose dates are not compared with regctl's records.
  fileprivate init(row: borrowing Row, in order: AccountFilter.Order, _ dates: AccountDates) {
    let id = row.account(0)
    let value: Value =
      switch order {
      case .id, .idDescending: .null
      // A date of another kind than text keeps its kind, and text that is not UTF-8 its bytes.
      case .registered, .registeredDescending: row.value(4)
      case .email: row.value(1)
      }
    let registered: String? =
      switch (order, value) {
      // Not read again where it is the place.
      case (.registered, .text(let text)), (.registeredDescending, .text(let text)): text
      default: row.optionalText(4)
      }
    let confirmed = row.optionalText(5)
    self.init(
      id: id, email: row.text(1), isAdmin: row.boolean(2), isConfirmed: row.boolean(3),
      place: ListPlace(value: value, number: id.rawValue), registeredText: registered ?? "",
      confirmedText: confirmed, registeredOn: registered.flatMap { dates.date($0) },
      confirmedOn: confirmed.flatMap { dates.date($0) }, mails: row.count(6),
      lastMailState: row.isNull(7) ? nil : row.word(7, else: OutboxEntry.State.failed),
      lastMailAt: row.optionalInstant(8))
  }
}
