import Testing

@testable import RegctlCore

@Suite("AuditContent") struct AuditContentTests {
  private func json(_ content: AuditContent) -> String {
    String(decoding: content.json, as: UTF8.self)
  }

  @Test(
    arguments: [.committed(detail: "6", commitment: "7"), .plain(email: "6", reason: "7")]
      as [AuditContent.Words])
  func `every property is at its position`(_ words: AuditContent.Words) {
    let content = AuditContent(
      number: 1, at: 2, actor: "dave", uid: 3, act: "import", subject: 4, accountsHash: "5",
      words: words)
    #expect(json(content) == #"[1,2,"dave",3,"import",4,"5","6","7"]"#)
  }

  @Test func `a missing value is null and not empty`() {
    let content = AuditContent(
      number: 1, at: -2, actor: "", uid: 3, act: "delete", subject: nil, accountsHash: nil,
      words: .committed(detail: "", commitment: nil))
    #expect(json(content) == #"[1,-2,"",3,"delete",null,null,"",null]"#)
  }

  @Test func `a row that continues an entry has an act of its own`() {
    let entry = AuditEntry(
      act: .prune, at: Instant(seconds: 2), actor: Actor(name: "dave", uid: 3), detail: "run 1")
    let words = AuditContent.Words.committed(detail: "run 1", commitment: nil)
    let first = AuditContent(entry, number: 1, accountsHash: nil, words: words)
    let second = AuditContent(entry, number: 2, accountsHash: nil, continues: true, words: words)
    #expect((first.act, second.act) == ("prune", "prune-continued"))
    #expect(!first.isContinuation)
    #expect(second.isContinuation)
    #expect((first.kind, second.kind) == (.prune, .prune))
  }

  @Test func `text cannot imitate another column`() {
    let content = AuditContent(
      number: 1, at: 2, actor: "d\",9,\"x", uid: 3, act: "a", subject: nil, accountsHash: nil,
      words: .committed(detail: nil, commitment: nil))
    #expect(json(content) == #"[1,2,"d\",9,\"x",3,"a",null,null,null,null]"#)
    #expect(content.kind == nil)
  }

  @Test func `an entry keeps its number and account`() throws {
    let site = try Site()
    let ann = try site.register("ann@example.org")
    let entry = AuditEntry(.resend, on: ann, at: site.now, by: Site.actor, reason: "asked")
    let content = AuditContent(
      entry, number: 9, accountsHash: nil, words: .plain(email: entry.email, reason: entry.reason))
    #expect(content.number == 9)
    #expect(content.subject == ann.id.rawValue)
    #expect(content.words == .plain(email: "ann@example.org", reason: "asked"))
  }
}
