import Testing

@testable import RegctlCore

@Suite("AuditRenumbering") struct AuditRenumberingTests {
  @Test func `a detail is parsed back`() {
    let detail = AuditRenumbering.detail(
      run: 3, old: AccountID(rawValue: 12), new: AccountID(rawValue: 40))
    #expect(detail == "run 3, was number 12")
    #expect(AuditRenumbering(detail: detail) == AuditRenumbering(removal: .prune(3), old: 12))
  }

  @Test(arguments: ["", ": wrong account", ": run 9, was number 1"])
  func `what is said of a deletion is parsed, and what the operator adds is not`(_ words: String) {
    let (old, new) = (AccountID(rawValue: 12), AccountID(rawValue: 40))
    let detail = AuditRenumbering.detail(deletion: 7, old: old, new: new) + words
    #expect(
      AuditRenumbering(detail: detail) == AuditRenumbering(removal: .deletion(7), old: 12))
    let same = AuditRenumbering.detail(deletion: 7, old: old, new: old) + words
    #expect(AuditRenumbering(detail: same) == nil)
  }

  @Test func `an account restored under its old ID needs no text`() {
    let number = AccountID(rawValue: 12)
    let detail = AuditRenumbering.detail(run: 3, old: number, new: number)
    #expect(detail == "run 3")
    #expect(AuditRenumbering(detail: detail) == nil)
    #expect(AuditRenumbering.run(inDetail: detail) == 3)
  }

  @Test(arguments: [
    "", "run 3,", "run 3, was number", "run 3, was number x", "run x, was number 3",
    "run 3 was number 12", "run 3, was  number 12", "run 3, was number 12 ", "run 3, is number 12",
    "run 3, was number 99999999999999999999", "called",
    "mail 3, was number 12",
  ])
  func `any other detail is ignored`(_ detail: String) {
    #expect(AuditRenumbering(detail: detail) == nil)
  }
}
