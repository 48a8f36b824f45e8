/// Verifies the audit: reads every entry with its accounts and finds the first that was changed
/// after it was written.
final class AuditVerification {
  /// The entry being read, until all its accounts are read.
  private struct OpenAct {
    let number: Int64
    let accountsHash: String?
  }

  private let function: SHA256
  private let noted: String?
  private var isNotedFound: Bool
  private var previous = AuditLink.beginning

  /// How many entries were read, an entry with continuations once.
  private(set) var count = 0
  private var renumberings = AuditRenumberings()

  /// What was erased, with the numbers of the entries that say so.
  private var erasures: [(act: Int64, erasure: AuditErasure)] = []
  private var erased = 0
  private var open: OpenAct?
  private var subjects = AuditSubjects()

  /// The first entry whose content or accounts differ from what was written.
  private var changed: Int64?

  /// The first entry filed under the ID of another account. A changed entry is reported first,
  /// because unprune entries determine which other IDs are right.
  private var misplaced: Int64?

  /// Also requires that an entry has this previously noted hash.
  init(including noted: String?) throws(RegctlError) {
    function = try SHA256()
    self.noted = noted
    isNotedFound = noted == nil
  }

  /// Reads in advance, in order, the entries of prunes, which have no account, of restorations and of
  /// erasures.
  func read(detailOf act: Int64, account: Int64?, _ detail: String) {
    if let erasure = AuditErasure(detail: detail) {
      erasures.append((act, erasure))
    } else if let account {
      guard let renumbering = AuditRenumbering(detail: detail) else { return }
      renumberings.add(renumbering, act: act, new: account)
    } else if let run = AuditRenumbering.run(inDetail: detail) {
      renumberings.add(run: run, act: act)
    }
  }

  /// What the table has of an entry.
  struct StoredEntry {
    let content: AuditContent

    /// The ID under which it is filed.
    let account: Int64?
    let personal: PersonalContent
    let nonce: String?
    let hash: String
  }

  /// Reads an entry.
  func read(_ entry: StoredEntry) {
    closeAct()
    guard changed == nil else { return }
    let content = entry.content
    let link = AuditLink(content, after: previous, by: function)
    guard link.hash == entry.hash, isAsCommitted(entry) else {
      changed = content.number
      return
    }
    if !isRight(entry.account, for: content) { misplace(content.number) }
    if let noted, link.hash == noted || isRewriting(content, of: noted) { isNotedFound = true }
    previous = link
    if !content.isContinuation { count += 1 }
    open = OpenAct(number: content.number, accountsHash: content.accountsHash)
  }

  /// Reads an account of the entry that was read last; accounts come in ascending order.
  func read(accountOf act: Int64, subject: Int64, account: Int64, isGone: Bool) {
    guard open?.number == act else {
      closeAct()
      changed = changed ?? act
      return
    }
    subjects.append(subject)
    if self.isGone(account, subject, act: act) != isGone { misplace(act) }
  }

  private func misplace(_ act: Int64) {
    if misplaced == nil { misplaced = act }
  }

  /// The result, after everything is read.
  func proof() throws(RegctlError) -> AuditProof {
    closeAct()
    if let number = changed ?? misplaced { throw .store(.auditChanged(number: number)) }
    guard isNotedFound else { throw .store(.auditHashMissing(noted ?? "")) }
    return AuditProof(count: count, erased: erased, hash: count == 0 ? nil : previous.hash)
  }

  /// Compares the accounts of the entry with those it was written with.
  private func closeAct() {
    if changed == nil, let open, subjects.hash(by: function) != open.accountsHash {
      changed = open.number
    }
    open = nil
    subjects.removeAll()
  }

  /// Whether the personal fields of an entry are those that were written, or an entry after it says
  /// that they were erased.
  private func isAsCommitted(_ entry: StoredEntry) -> Bool {
    guard case .committed(_, let commitment) = entry.content.words else { return true }
    guard let commitment else { return entry.personal.isEmpty && entry.nonce == nil }
    if let nonce = entry.nonce {
      return entry.personal.commitment(nonce: nonce, by: function) == commitment
    }
    let number = entry.content.number
    guard entry.personal.isEmpty,
      erasures.contains(where: { $0.act > number && $0.erasure.covers(number) })
    else { return false }
    erased += 1
    return true
  }

  /// Whether an entry records that an audit with a head was rewritten.
  private func isRewriting(_ content: AuditContent, of head: String) -> Bool {
    guard content.kind == .migrateDatabase, case .committed(let detail?, _) = content.words else {
      return false
    }
    return AuditRewriting.names(head, in: detail)
  }

  private func isRight(_ account: Int64?, for content: AuditContent) -> Bool {
    switch (account, content.subject) {
    case (nil, nil): true
    case (let account?, let subject?):
      isGone(account, subject, act: content.number) != nil
    default: false
    }
  }

  /// Whether the ID under which an entry is filed is that of a deleted account; `nil` when it does
  /// not belong to the entry's account at all.
  private func isGone(_ account: Int64, _ subject: Int64, act: Int64) -> Bool? {
    if account == subject { return false }
    if account == 0 &- subject { return true }
    let new = Int64(clamping: account.magnitude)
    let old = Int64(clamping: subject.magnitude)
    return renumberings.lead(from: old, to: new, act: act) ? account < 0 : nil
  }
}
