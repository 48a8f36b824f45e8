import Testing

@testable import RegctlCore

@Suite("AuditRewriting") struct AuditRewritingTests {
  private let head = String(repeating: "0f", count: 32)

  @Test func `the detail names the head, and what had been changed`() {
    #expect(
      AuditRewriting(head: head, changed: nil).detail == "rewrote the audit with the head \(head)")
    #expect(
      AuditRewriting(head: head, changed: 3).detail
        == "rewrote the audit with the head \(head), in which entry 3 was changed")
  }

  @Test func `a head is found in the detail, and no other`() {
    for changed in [nil, 3] as [Int64?] {
      let detail = AuditRewriting(head: head, changed: changed).detail
      #expect(AuditRewriting.names(head, in: detail))
      #expect(!AuditRewriting.names(String(repeating: "f0", count: 32), in: detail))
    }
    #expect(!AuditRewriting.names(head, in: "grant to \(head)"))
  }
}
