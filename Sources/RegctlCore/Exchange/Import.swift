/// Imports accounts from a file, with a transaction for every few thousand lines.
///
/// A line that cannot be imported does not stop the others. A line that equals an existing account
/// counts as unchanged, so an interrupted import can be repeated. No mail is sent, and links sent
/// by another system stay valid: imported accounts are not recorded as registered by regctl.
package final class Import {
  /// The results of some lines.
  package struct Batch: Sendable {
    package fileprivate(set) var imported = 0
    package fileprivate(set) var unchanged = 0
    package fileprivate(set) var refusals: [Refusal] = []
  }

  /// A line that was not imported.
  package struct Refusal: Sendable {
    /// The address, if the line could be parsed that far.
    package let email: String?
    package let error: ImportError
  }

  private let file: AccountFile
  private let store: Store
  private let columns: ApplicationColumns
  private let dryRun: ImportDryRun?
  private var denials: ImportDenials?
  private let source: String
  private let now: Instant
  private let actor: Actor
  // Larger batches are not quicker, and their lines take memory.
  private var pacer = BatchPacer(first: 4000, largest: 4000)

  /// Whether the import is in the audit, so that further accounts continue its entry.
  private var isRecorded = false

  /// An import of a file; its name is recorded in the audit. A dry run only reads the store.
  ///
  /// `columns` are the application's own, and `renamings` say which keys of the file mean others.
  /// An address that is `denied` is refused unless its account exists; `allowsUTF8` is about local
  /// parts.
  package init(
    _ file: AccountFile, named source: String, into store: Store, columns: ApplicationColumns,
    renamings: [AccountKeys.Renaming] = [], denied: DeniedDomains? = nil,
    allowsUTF8: Bool = false, isDryRun: Bool, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    self.file = file
    self.store = store
    self.columns = columns
    file.expect(
      AccountKeys(columns: columns.all, renamings: renamings), allowsUTF8: allowsUTF8)
    dryRun = isDryRun ? try ImportDryRun(of: store, columns, at: now) : nil
    denials = denied.map(ImportDenials.init)
    self.source = source
    self.now = now
    self.actor = actor
  }

  private var readByteCount: Int64 = 0

  /// How much of the file was read, from 0 to 1; `nil` if its length is not known.
  package var share: Double? {
    guard let total = file.byteCount, total > 0 else { return nil }
    return min(1, Double(readByteCount) / Double(total))
  }

  /// Imports the next lines in one transaction and returns the results; `nil` at the end.
  package func nextBatch() throws(RegctlError) -> Batch? {
    // Lines are parsed before the transaction, while other processes can write.
    let lines = try readLines(pacer.batchSize)
    if lines.isEmpty { return nil }
    let accounts = Self.accounts(of: lines)
    let denials = try denials?.lines(denying: accounts.map(\.email))
    if let dryRun {
      return try dryRun.scratch.transaction { () throws(RegctlError) in
        var ids: [AccountID] = []
        return try self.batch(
          of: lines, accounts, deniedBy: denials, numbers: &ids
        ) { accounts throws(RegctlError) in
          try accounts.map(dryRun.add)
        }
      }
    }
    let batch = try pacer.run(in: store) { _ throws(RegctlError) in
      try store.transaction { () throws(RegctlError) in
        let areUnique = try store.emailIndex() == .unique
        var ids: [AccountID] = []
        ids.reserveCapacity(lines.count)
        let batch = try self.batch(
          of: lines, accounts, deniedBy: denials, numbers: &ids
        ) { accounts throws(RegctlError) in
          try self.store.add(
            accounts, self.columns, addressesAreUnique: areUnique, at: self.now)
        }
        if !ids.isEmpty {
          try store.requireAccounts(ids)
          try store.releaseNumbers()
          try store.record(
            AuditEntry(act: .importAccounts, at: now, actor: actor, detail: source), on: ids,
            continues: isRecorded)
        }
        return batch
      }
    }
    if batch.imported > 0 { isRecorded = true }
    return batch
  }

  /// The maximum number of bytes of lines in a batch; parsed lines take several times as much
  /// memory.
  private static let batchByteCount = 2 << 20

  private func readLines(_ count: Int) throws(RegctlError) -> [AccountFile.Line] {
    var lines: [AccountFile.Line] = []
    lines.reserveCapacity(count)
    var byteCount = 0
    while lines.count < count, byteCount < Self.batchByteCount, let line = try file.next() {
      lines.append(line)
      byteCount += line.byteCount
    }
    // Each line has an end besides.
    readByteCount += Int64(byteCount + lines.count)
    return lines
  }

  private static func accounts(of lines: [AccountFile.Line]) -> [ImportedAccount] {
    var accounts: [ImportedAccount] = []
    accounts.reserveCapacity(lines.count)
    for line in lines {
      if case .success(let account) = line.content { accounts.append(account) }
    }
    return accounts
  }

  /// Why each of some accounts may not be added: its domain is locked or denied, and it is not there
  /// already; `nil` if it may be.
  private func refusals(
    of accounts: [ImportedAccount], deniedBy denials: [DeniedDomain?]?
  ) throws(RegctlError) -> [Store.ImportDecision?] {
    let locked = try store.lockedDomains()
    var refusals: [Store.ImportDecision?] = Array(repeating: nil, count: accounts.count)
    if locked.isEmpty, denials == nil { return refusals }
    for (index, account) in accounts.enumerated() {
      let email = account.email
      let isLocked = locked.isEmpty ? false : locked.contains(try AddressDomain(of: email))
      let refusal: Store.ImportDecision
      if isLocked {
        refusal = .locked(email: email)
      } else if let line = denials?[index] {
        refusal = .denied(email: email, line)
      } else {
        continue
      }
      if try store.accounts(withAddress: email).isEmpty { refusals[index] = refusal }
    }
    return refusals
  }

  private func batch(
    of lines: [AccountFile.Line], _ accounts: [ImportedAccount],
    deniedBy denials: [DeniedDomain?]?, numbers: inout [AccountID],
    add: ([ImportedAccount]) throws(RegctlError) -> [Store.ImportDecision]
  ) throws(RegctlError) -> Batch {
    let refusals = try refusals(of: accounts, deniedBy: denials)
    var added = try add(zip(accounts, refusals).filter { $0.1 == nil }.map { $0.0 })[...]
    var decisions = refusals.map { $0 ?? added.removeFirst() }[...]
    var batch = Batch()
    for line in lines {
      let fault: ImportError.Fault
      switch line.content {
      case .failure(let found): fault = found
      case .success:
        switch decisions.removeFirst() {
        case .imported(let id):
          batch.imported += 1
          numbers.append(id)
          continue
        case .unchanged:
          batch.unchanged += 1
          continue
        case .registered(let email): fault = .registered(email: email)
        case .numberTaken(let id, let email): fault = .numberTaken(id, by: email)
        case .locked(let email): fault = .locked(email: email)
        case .denied(let email, let line): fault = .denied(email: email, line)
        case .columnMissing(let name): fault = .columnMissing(name)
        case .constraint(let detail): fault = .constraint(detail)
        }
      }
      batch.refusals.append(
        Refusal(email: line.email, error: ImportError(line: line.number, fault: fault)))
    }
    return batch
  }
}
