import Testing

@testable import RegctlCore

@Suite("CombinedReason") struct CombinedReasonTests {
  @Test(
    arguments: [
      (.changeEmail, "to new@x.org", "new@x.org", nil, nil),
      (.confirmEmailChange, "to new@x.org", "new@x.org", nil, nil),
      (.requestEmailChange, "to new@x.org: moved", "new@x.org", nil, "moved"),
      (.changeEmail, "to new@x.org: ticket: 4713", "new@x.org", nil, "ticket: 4713"),
      (.changeEmail, "to jürgen@x.org: moved", "jürgen@x.org", nil, "moved"),
      (.changeEmail, "new@x.org", nil, nil, "new@x.org"),
      (.changeEmail, "to whom it may concern", nil, nil, "to whom it may concern"),
      (.delete, "to new@x.org", nil, nil, "to new@x.org"),
      (.undelete, "deletion 7, was number 12", nil, "deletion 7, was number 12", nil),
      (.undelete, "deletion 7: run 9: no", nil, "deletion 7", "run 9: no"),
      (.undelete, "by mistake", nil, nil, "by mistake"),
      (.unprune, "run 1, was number 3", nil, "run 1, was number 3", nil),
      (.issueToken, "mail 1, purpose confirm", nil, "mail 1, purpose confirm", nil),
      (.requestReset, "forced", nil, "forced", nil),
      (.confirmByOperator, "called", nil, nil, "called"),
    ] as [(AuditEntry.Act, String, String?, String?, String?)])
  func `the parts of a stored reason are separated, and joined again`(
    _ act: AuditEntry.Act, text: String, newEmail: String?, detail: String?, reason: String?
  ) {
    let parts = CombinedReason(text, of: act, hasAccount: true)
    #expect(parts == CombinedReason(newEmail: newEmail, detail: detail, reason: reason))
    #expect(parts.text == text)
  }

  @Test(
    arguments: [
      (true, "@x.org: spam", nil, "@x.org: spam"), (false, "@x.org: spam", "@x.org", "spam"),
      (false, "@x.org", "@x.org", nil), (false, "spam", nil, "spam"),
    ] as [(Bool, String, String?, String?)])
  func `the lock of a domain names it, that of an account has only a reason`(
    _ hasAccount: Bool, text: String, detail: String?, reason: String?
  ) {
    let parts = CombinedReason(text, of: .lock, hasAccount: hasAccount)
    #expect(parts == CombinedReason(newEmail: nil, detail: detail, reason: reason))
    #expect(parts.text == text)
  }

  @Test func `the reason of an unknown act is left alone`() {
    let parts = CombinedReason("to a@x.org", of: nil, hasAccount: false)
    #expect(parts == CombinedReason(newEmail: nil, detail: nil, reason: "to a@x.org"))
    #expect(CombinedReason(nil, of: .delete, hasAccount: true).text == nil)
  }
}
