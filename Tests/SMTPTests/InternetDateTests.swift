import Testing

@testable import SMTP

@Suite("InternetDate") struct InternetDateTests {
  @Test(
    arguments: [
      (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
      (1_795_424_400, "Mon, 23 Nov 2026 09:00:00 +0000"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
      (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 +0000"),
      (880_127_706, "Fri, 21 Nov 1997 15:55:06 +0000"),
    ] as [(Int64, String)])
  func `an instant is written as in header fields`(_ seconds: Int64, text: String) {
    #expect(InternetDate.text(of: seconds) == text)
  }
}
