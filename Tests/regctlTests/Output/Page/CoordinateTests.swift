import Testing

@testable import regctl

@Suite("Coordinate") struct CoordinateTests {
  @Test(arguments: [
    (0, "0"), (12, "12"), (12.5, "12.5"), (-0.25, "-0.25"), (1.004, "1"), (1.006, "1.01"),
    (99.999, "100"), (-0.001, "0"), (3.05, "3.05"),
  ])
  func `a length has at most two decimals`(_ value: Double, text: String) {
    #expect(Coordinate(value).text == text)
  }
}
