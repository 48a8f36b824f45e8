@testable import RegctlCore

extension AccountFilter {
  /// The unconfirmed accounts, oldest first.
  static var unconfirmed: AccountFilter {
    var filter = AccountFilter()
    filter.states = [.unconfirmed]
    filter.order = .registered
    return filter
  }
}

extension Store {
  /// All administrators, by address.
  func administrators() throws(RegctlError) -> [ListedAccount] {
    var filter = AccountFilter()
    filter.states = [.admin]
    filter.order = .email
    return try accounts(after: nil, matching: filter, limit: 1000)
  }
}
