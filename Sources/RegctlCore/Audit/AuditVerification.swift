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
  private var count = 0
  private var renumberings = AuditRenumberings()
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

  /// Reads in advance, in order, the prune entries, which have no account, and the unprune entries.
  func read(reasonOf act: Int64, account: Int64?, _ reason: String) {
    if let account {
      guard let renumbering = AuditRenumbering(reason: reason) else { return }
      renumberings.add(renumbering, act: act, new: account)
    } else if let run = AuditRenumbering.run(inReason: reason) {
      renumberings.add(run: run, act: act)
    }
  }

  /// Reads an entry; `account` is the ID under which it is filed.
  func read(_ content: AuditContent, account: Int64?, hash: String) {
    closeAct()
    guard changed == nil else { return }
    let link = AuditLink(content, after: previous, by: function)
    guard link.hash == hash else {
      changed = content.number
      return
    }
    if !isRight(account, for: content) { misplace(content.number) }
    if hash == noted { isNotedFound = true }
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
    return AuditProof(count: count, hash: count == 0 ? nil : previous.hash)
  }

  /// Compares the accounts of the entry with those it was written with.
  private func closeAct() {
    if changed == nil, let open, subjects.hash(by: function) != open.accountsHash {
      changed = open.number
    }
    open = nil
    subjects.removeAll()
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
