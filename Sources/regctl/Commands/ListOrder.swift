internal import RegctlCore

/// The orders of a list of rows with numbers and addresses.
enum ListOrder {
  /// Of accounts and mails, which are known by their numbers.
  static let ofNumbers = Option<ByNumber>.choice("sort", "The order (default id)")

  /// Of entries and reports, which have a time.
  static let ofTimes = Option<ByTime>.choice("sort", "The order (default at)")

  enum ByNumber: String, CaseIterable, Sendable { case id, email }
  enum ByTime: String, CaseIterable, Sendable { case at, email }
}

extension RowOrder {
  init(newestFirst isNewestFirst: Bool) { self = isNewestFirst ? .newestFirst : .oldestFirst }

  /// The order of a list of which `--sort` is by number.
  init(byNumber arguments: ParsedArguments) throws(UsageError) {
    try self.init(arguments, isByAddress: try arguments[ListOrder.ofNumbers] == .email)
  }

  /// The order of a list of which `--sort` is by time.
  init(byTime arguments: ParsedArguments) throws(UsageError) {
    try self.init(arguments, isByAddress: try arguments[ListOrder.ofTimes] == .email)
  }

  private init(_ arguments: ParsedArguments, isByAddress: Bool) throws(UsageError) {
    if isByAddress {
      try arguments.refuseNewest()
      self = .email
    } else {
      self.init(newestFirst: arguments[Selection.newest])
    }
  }
}

extension ParsedArguments {
  /// Throws if the newest are asked for in a list that is sorted by address.
  func refuseNewest() throws(UsageError) {
    if self[Selection.newest] {
      throw error(.conflict(Selection.newest.usage.flag, "--sort email"))
    }
  }
}
