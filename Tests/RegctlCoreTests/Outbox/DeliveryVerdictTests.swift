import Testing

@testable import RegctlCore

@Suite("DeliveryVerdict") struct DeliveryVerdictTests {
  private static let token = "ImFubkBleGFtcGxlLm9yZyI.awQAkA.6bolGNTVoYYbh0yxP_qj3ZvAWic"

  @Test(
    arguments: [
      { .refused($0) }, { .sent($0) }, { .deferred($0, isPossibleDuplicate: true) },
      { .deferred($0, isPossibleDuplicate: false) },
    ] as [@Sendable (String) -> DeliveryVerdict])
  func `every result keeps an excerpt of the reply`(
    _ verdict: @Sendable (String) -> DeliveryVerdict
  ) {
    let mask = TokenMask([Self.token])
    let rest = String(repeating: "x", count: 2000)
    #expect(verdict("554 no: \(Self.token)").excerpt(hiding: mask) == verdict("554 no: ImFubk…"))
    #expect(
      verdict("\(Self.token) \(rest)").excerpt(hiding: mask)
        == verdict("ImFubk… \(rest.prefix(1024 - 9 - 1 - 3))…"))
  }

  @Test func `a returned mail has no reply`() {
    #expect(DeliveryVerdict.returned.excerpt(hiding: TokenMask([Self.token])) == .returned)
  }
}
