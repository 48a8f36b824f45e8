/// Locks and unlocks accounts, one by its address or all of a domain.
///
/// A locked account is not let in by `check`, its links and resets are refused, and nothing is mailed
/// to it. In the application its password is unusable until it is unlocked, because the table has a
/// hash in its place that no password has. An account that the application registers in a locked
/// domain keeps its password there until the domain is locked again.
package enum LockAccounts {
  /// The result for an account or a domain.
  package struct LockResult: Sendable {
    /// The address of the account; `nil` for a domain.
    package let email: String?

    /// The domain; `nil` for an account.
    package let domain: String?

    /// The number of accounts whose password was made unusable or restored.
    package let accounts: Int

    /// Whether the lock was made or removed; otherwise it was so before.
    package let isNew: Bool
  }

  private static let batchSize = 1000

  // MARK: Locking

  /// Locks accounts in one transaction; the last administrator only with `force`.
  package static func lock(
    _ target: LockTarget, reason: String, force: Bool, in store: Store, at now: Instant,
    by actor: Actor
  ) throws(RegctlError) -> LockResult {
    try store.requireLocks()
    return try store.transaction { () throws(RegctlError) in
      switch target {
      case .account(let email):
        let account = try store.account(named: email)
        if try store.lock(of: account.id) != nil {
          return LockResult(email: account.email, domain: nil, accounts: 0, isNew: false)
        }
        if !force { try requireAdministrator(besides: [account], in: store) }
        try store.record(AuditEntry(.lock, on: account, at: now, by: actor, reason: reason))
        try store.addLock(on: account, reason: reason, at: now, by: actor)
        try shut(account, in: store, at: now)
        return LockResult(email: account.email, domain: nil, accounts: 1, isNew: true)
      case .domain(let domain):
        return try lock(domain, reason: reason, force: force, in: store, at: now, by: actor)
      }
    }
  }

  private static func lock(
    _ domain: AddressDomain, reason: String, force: Bool, in store: Store, at now: Instant,
    by actor: Actor
  ) throws(RegctlError) -> LockResult {
    let accounts = try accounts(of: domain, in: store)
    if !force { try requireAdministrator(besides: accounts, in: store) }
    let isNew = try store.lock(of: domain) == nil
    // Others may have been registered since the domain was locked.
    var open: [Account] = []
    for account in accounts where try !store.withholdsPassword(of: account.id) {
      open.append(account)
    }
    if !isNew, open.isEmpty {
      return LockResult(email: nil, domain: domain.name, accounts: 0, isNew: false)
    }
    try record(.lock, domain, on: open, reason: reason, in: store, at: now, by: actor)
    if isNew { try store.addLock(on: domain, reason: reason, at: now, by: actor) }
    for account in open { try shut(account, in: store, at: now) }
    return LockResult(email: nil, domain: domain.name, accounts: open.count, isNew: isNew)
  }

  /// The number of accounts that are in a domain.
  package static func count(
    in domain: AddressDomain, in store: Store
  ) throws(RegctlError) -> Int {
    try accounts(of: domain, in: store).count
  }

  /// What locking would do; nothing is changed.
  package static func preview(
    _ target: LockTarget, force: Bool, in store: Store
  ) throws(RegctlError) -> LockResult {
    switch target {
    case .account(let email):
      let account = try store.account(named: email)
      let isNew = try store.lock(of: account.id) == nil
      if isNew, !force { try requireAdministrator(besides: [account], in: store) }
      return LockResult(
        email: account.email, domain: nil, accounts: isNew ? 1 : 0, isNew: isNew)
    case .domain(let domain):
      let accounts = try accounts(of: domain, in: store)
      if !force { try requireAdministrator(besides: accounts, in: store) }
      return LockResult(
        email: nil, domain: domain.name, accounts: accounts.count,
        isNew: try store.lock(of: domain) == nil)
    }
  }

  /// Voids whatever would let its owner in, and withholds the password.
  private static func shut(
    _ account: Account, in store: Store, at now: Instant
  ) throws(RegctlError) {
    let reason = "the account was locked"
    try store.cancelMails(MailKind.confirming, to: account.id, reason: reason, at: now)
    try store.voidLinks(of: account.id, reason: reason, at: now)
    try store.withholdPassword(of: account.id)
  }

  private static func requireAdministrator(
    besides accounts: [Account], in store: Store
  ) throws(RegctlError) {
    guard let administrator = accounts.first(where: \.isAdmin) else { return }
    let locked = Set(accounts.map(\.id))
    if try !store.allAdministrators().contains(where: { !$0.isLocked && !locked.contains($0.id) }) {
      throw .account(.lastAdministrator(email: administrator.email))
    }
  }

  // MARK: Unlocking

  /// Unlocks accounts in one transaction. A password that the application has set meanwhile stays.
  package static func unlock(
    _ target: LockTarget, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> LockResult {
    try store.requireLocks()
    return try store.transaction { () throws(RegctlError) in
      switch target {
      case .account(let email):
        let account = try store.account(named: email)
        guard try store.lock(of: account.id) != nil else {
          // The lock of its domain is another one.
          if let lock = try store.lock(of: account) { throw .account(.locked(account.email, lock)) }
          return LockResult(email: account.email, domain: nil, accounts: 0, isNew: false)
        }
        try store.removeLock(of: account.id)
        try store.record(AuditEntry(.unlock, on: account, at: now, by: actor))
        let isOpen = try store.lock(of: account) == nil
        if isOpen { try store.restorePassword(of: account.id) }
        return LockResult(
          email: account.email, domain: nil, accounts: isOpen ? 1 : 0, isNew: true)
      case .domain(let domain):
        guard try store.lock(of: domain) != nil else {
          return LockResult(email: nil, domain: domain.name, accounts: 0, isNew: false)
        }
        try store.removeLock(of: domain)
        var shut: [Account] = []
        for account in try accounts(of: domain, in: store) where !account.isLocked {
          if try store.withholdsPassword(of: account.id) { shut.append(account) }
        }
        try record(.unlock, domain, on: shut, in: store, at: now, by: actor)
        for account in shut { try store.restorePassword(of: account.id) }
        return LockResult(email: nil, domain: domain.name, accounts: shut.count, isNew: true)
      }
    }
  }

  // MARK: Domains

  /// Every account of a domain, in any of its spellings.
  private static func accounts(
    of domain: AddressDomain, in store: Store
  ) throws(RegctlError) -> [Account] {
    var filter = AccountFilter()
    filter.domain = domain.name
    var found: [Account] = []
    var last: ListPlace?
    while true {
      let page = try store.accounts(after: last, matching: filter, limit: batchSize)
      found += try store.accounts(page.map(\.id))
      if page.count < batchSize { return found }
      last = page.last?.place
    }
  }

  /// Writes an entry about a domain that names its accounts.
  private static func record(
    _ act: AuditEntry.Act, _ domain: AddressDomain, on accounts: [Account],
    reason: String? = nil,
    in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    let entry = AuditEntry(
      act: act, at: now, actor: actor, detail: "@\(domain.name)", reason: reason)
    if accounts.isEmpty {
      try store.record(entry)
    } else {
      try store.record(entry, on: accounts.map(\.id))
    }
  }
}
