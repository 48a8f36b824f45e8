/// The seconds, in UTC, in which regctl registered and confirmed accounts.
struct DateRecords {
  private var registrations: [AccountID: Int64] = [:]
  private var confirmations: [AccountID: [Int64]] = [:]

  /// Adds the registration of an account.
  mutating func addRegistration(of id: AccountID, at second: Int64) { registrations[id] = second }

  /// Adds a confirmation of an account, which may have been taken back.
  mutating func addConfirmation(of id: AccountID, at second: Int64) {
    confirmations[id, default: []].append(second)
  }

  /// The second in which regctl registered an account, if it did.
  func registrations(of id: AccountID) -> [Int64] {
    if registrations.isEmpty { return [] }
    return registrations[id].map { [$0] } ?? []
  }

  /// The seconds in which regctl may have confirmed an account: an administrator that it creates is
  /// confirmed at once.
  func confirmations(of id: AccountID) -> [Int64] {
    registrations(of: id) + (confirmations.isEmpty ? [] : confirmations[id] ?? [])
  }
}
