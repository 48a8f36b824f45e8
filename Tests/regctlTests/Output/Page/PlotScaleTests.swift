import Testing

@testable import regctl

@Suite("PlotScale") struct PlotScaleTests {
  @Test(arguments: [
    (0, [0, 1]), (1, [0, 1]), (2, [0, 1, 2]), (5, [0, 1, 2, 3, 4, 5]), (6, [0, 2, 4, 6]),
    (10, [0, 2, 4, 6, 8, 10]), (11, [0, 5, 10, 15]), (99, [0, 20, 40, 60, 80, 100]),
    (101, [0, 50, 100, 150]), (2000, [0, 500, 1000, 1500, 2000]),
  ])
  func `marks are at round numbers`(_ maximum: Int, ticks: [Int]) {
    #expect(PlotScale(reaching: maximum).ticks == ticks)
  }

  @Test func `every number is within a scale of at most six marks, of which one is past none`() {
    for maximum in Array(1...3000) + [12_345, 999_999, 10_000_000, 123_456_789_012] {
      let scale = PlotScale(reaching: maximum)
      #expect((2...6).contains(scale.ticks.count))
      #expect(scale.end >= maximum)
      #expect(scale.end - scale.ticks[1] < maximum)
    }
  }

  @Test(arguments: [
    (4, ["0", "1", "2", "3", "4"]), (2000, ["0", "500", "1000", "1500", "2000"]),
    (7000, ["0", "2k", "4k", "6k", "8k"]), (40_000, ["0", "10k", "20k", "30k", "40k"]),
    (3_000_000, ["0", "1M", "2M", "3M"]),
    (2_000_000_000, ["0", "500M", "1000M", "1500M", "2000M"]),
  ])
  func `labels of large numbers are short`(_ maximum: Int, labels: [String]) {
    let scale = PlotScale(reaching: maximum)
    #expect(scale.ticks.map(scale.label) == labels)
  }

  @Test func `shares are in percent`() {
    #expect(
      PlotScale.percent.ticks.map(PlotScale.percent.label) == ["0%", "25%", "50%", "75%", "100%"])
  }
}
