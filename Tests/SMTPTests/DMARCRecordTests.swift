import Testing

@testable import SMTP

@Suite("DMARCRecord") struct DMARCRecordTests {
  @Test(arguments: [
    "v=DMARC1", "v=DMARC1;p=none", "v=DMARC1; p=reject; rua=mailto:d@example.org",
    "v = DMARC1 ;p=x",
  ])
  func `a record begins with the version`(_ text: String) {
    #expect(DMARCRecord(Array(text.utf8)) != nil)
  }

  @Test(arguments: [
    "", "p=none; v=DMARC1", "v=DMARC2; p=none", "v=dmarc1; p=none", "v=DMARC1 p=none",
    "v=spf1 -all", "v=DMARC1=x",
  ])
  func `other records are none`(_ text: String) {
    #expect(DMARCRecord(Array(text.utf8)) == nil)
  }

  @Test(arguments: [
    ("example.org", ["example.org"]),
    ("mail.a.example.org", ["mail.a.example.org", "a.example.org", "example.org"]),
    ("org", ["org"]),
    (
      "a.b.c.d.e.f.g.h.i.j",
      [
        "a.b.c.d.e.f.g.h.i.j", "d.e.f.g.h.i.j", "e.f.g.h.i.j", "f.g.h.i.j", "g.h.i.j", "h.i.j",
        "i.j",
      ]
    ),
  ])
  func `the record is at the domain or above it`(_ domain: String, places: [String]) {
    #expect(DMARCRecord.places(for: domain) == places)
  }
}
