import Testing

@testable import RegctlCore

@Suite("DeliveryVerdict") struct DeliveryVerdictTests {
  private static let token = "ImFubkBleGFtcGxlLm9yZyI.awQAkA.6bolGNTVoYYbh0yxP_qj3ZvAWic"

  @Test(arguments: [
    ("554 spam: \(token)", "554 spam: ImFubk…"),
    ("\(token)\(token)", "ImFubk…ImFubk…"),
    ("554 no", "554 no"), ("", ""),
  ])
  func `a token that the server quotes is cut down`(_ words: String, masked: String) {
    #expect(DeliveryVerdict.refused(words).masking(Self.token) == .refused(masked))
    #expect(DeliveryVerdict.sent(words).masking(Self.token) == .sent(masked))
    #expect(
      DeliveryVerdict.deferred(words, isPossibleDuplicate: true).masking(Self.token)
        == .deferred(masked, isPossibleDuplicate: true))
  }

  @Test func `a mail without a token masks nothing`() {
    #expect(DeliveryVerdict.refused("554 no").masking("") == .refused("554 no"))
  }
}
