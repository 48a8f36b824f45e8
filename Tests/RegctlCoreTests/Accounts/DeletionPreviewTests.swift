import Testing

@testable import RegctlCore

@Suite("DeletionPreview") struct DeletionPreviewTests {
  @Test func `accounts are considered one after the other`() throws {
    let site = try Site()
    try site.createAdministrator("root@example.org")
    try site.createAdministrator("ada@example.org")
    let preview = DeletionPreview()
    #expect(try preview.next("ADA@example.org", force: false, in: site.store).id.rawValue == 2)
    #expect(throws: RegctlError.account(.lastAdministrator(email: "root@example.org"))) {
      try preview.next("root@example.org", force: false, in: site.store)
    }
    #expect(throws: RegctlError.account(.notFound("ada@example.org"))) {
      try preview.next("ada@example.org", force: false, in: site.store)
    }
    #expect(try preview.next("root@example.org", force: true, in: site.store).id.rawValue == 1)
    #expect(try site.store.accountCount() == 2)
  }
}
