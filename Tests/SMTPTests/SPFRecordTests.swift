import Testing

@testable import SMTP

@Suite("SPFRecord") struct SPFRecordTests {
  @Test(arguments: [
    "v=spf1", "v=spf1 -all", "V=SPF1 include:_spf.example.net ~all", "v=spf1  mx   a",
  ])
  func `a record begins with the version`(_ text: String) {
    #expect(SPFRecord(Array(text.utf8)) != nil)
  }

  @Test(arguments: [
    "", " v=spf1 -all", "v=spf10 -all", "v=spf2.0/pra -all", "spf1", "v=spf1;-all", "v=DMARC1",
    "google-site-verification=v=spf1 ",
  ])
  func `other records are none`(_ text: String) {
    #expect(SPFRecord(Array(text.utf8)) == nil)
  }

  @Test(arguments: [
    ("v=spf1 +all", true), ("v=spf1 mx all", true), ("v=spf1 ALL", true), ("v=spf1 -all", false),
    ("v=spf1 ~all +all", false), ("v=spf1 ?all", false), ("v=spf1 mx", false),
    ("v=spf1 include:all.example a:all", false), ("v=spf1 xall", false),
  ])
  func `the first all says whether any host may send`(_ text: String, isOpen: Bool) {
    #expect(SPFRecord(Array(text.utf8))?.isOpen == isOpen)
  }
}
