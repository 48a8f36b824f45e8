import Testing

@testable import RegctlCore

@Suite("AuditRenumbering") struct AuditRenumberingTests {
  @Test func `a reason is parsed back`() {
    let reason = AuditRenumbering.reason(
      run: 3, old: AccountID(rawValue: 12), new: AccountID(rawValue: 40))
    #expect(reason == "run 3, was number 12")
    #expect(AuditRenumbering(reason: reason) == AuditRenumbering(removal: .prune(3), old: 12))
  }

  @Test(arguments: ["", ": wrong account", ": run 9, was number 1"])
  func `what is said of a deletion is parsed, and what the operator adds is not`(_ words: String) {
    let (old, new) = (AccountID(rawValue: 12), AccountID(rawValue: 40))
    let reason = AuditRenumbering.reason(deletion: 7, old: old, new: new) + words
    #expect(
      AuditRenumbering(reason: reason) == AuditRenumbering(removal: .deletion(7), old: 12))
    let same = AuditRenumbering.reason(deletion: 7, old: old, new: old) + words
    #expect(AuditRenumbering(reason: same) == nil)
  }

  @Test func `an account restored under its old ID needs no text`() {
    let number = AccountID(rawValue: 12)
    let reason = AuditRenumbering.reason(run: 3, old: number, new: number)
    #expect(reason == "run 3")
    #expect(AuditRenumbering(reason: reason) == nil)
    #expect(AuditRenumbering.run(inReason: reason) == 3)
  }

  @Test(arguments: [
    "", "run 3,", "run 3, was number", "run 3, was number x", "run x, was number 3",
    "run 3 was number 12", "run 3, was  number 12", "run 3, was number 12 ", "run 3, is number 12",
    "run 3, was number 99999999999999999999", "called",
    "mail 3, was number 12",
  ])
  func `any other reason is ignored`(_ reason: String) {
    #expect(AuditRenumbering(reason: reason) == nil)
  }
}
