import Testing

@testable import regctl

@Suite("SharePlot") struct SharePlotTests {
  @Test func `a line is interrupted where there is no share`() {
    let points: [(x: Double, y: Double)?] = [(0, 1), (1, 2), nil, (3, 4), nil]
    #expect(SharePlot.path(through: points) == "M0 1h0.01L1 2M3 4h0.01")
    #expect(SharePlot.path(through: []) == "")
  }
}
