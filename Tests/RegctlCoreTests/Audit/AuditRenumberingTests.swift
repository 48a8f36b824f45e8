import Testing

@testable import RegctlCore

@Suite("AuditRenumbering") struct AuditRenumberingTests {
  @Test func `a reason is parsed back`() {
    let reason = AuditRenumbering.reason(
      run: 3, old: AccountID(rawValue: 12), new: AccountID(rawValue: 40))
    #expect(reason == "run 3, was number 12")
    #expect(AuditRenumbering(reason: reason) == AuditRenumbering(run: 3, old: 12))
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
  ])
  func `any other reason is ignored`(_ reason: String) {
    #expect(AuditRenumbering(reason: reason) == nil)
  }
}
