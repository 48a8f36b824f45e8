import RegctlCore
import Testing

@testable import regctl

@Suite("PlotPeriods") struct PlotPeriodsTests {
  private static let last = ReportPeriod(.week, of: Instant(seconds: 1_795_424_400))  // 2026-W48

  private func weeks(_ count: Int) throws -> PlotPeriods {
    try #require(PlotPeriods(reaching: [Self.last.advanced(by: 1 - count), Self.last]))
  }

  @Test func `without periods there is no axis`() {
    #expect(PlotPeriods(reaching: []) == nil)
  }

  @Test func `a period in which nothing happened has a place`() throws {
    let first = Self.last.advanced(by: -2)
    let periods = try #require(PlotPeriods(reaching: [first, Self.last]))
    #expect(periods.all.map(\.name) == ["2026-W46", "2026-W47", "2026-W48"])
    #expect(periods.rows(from: [first, Self.last]) { $0 } == [first, nil, Self.last])
    #expect(periods.range == "2026-W46 to 2026-W48")
    #expect(periods.notes.isEmpty)
  }

  @Test func `months follow each other across a year`() throws {
    let first = ReportPeriod(.month, of: Instant(seconds: 1_795_424_400))
    let periods = try #require(PlotPeriods(reaching: [first, first.advanced(by: 2)]))
    #expect(periods.all.map(\.name) == ["2026-11", "2026-12", "2027-01"])
  }

  @Test func `of more than ten years of weeks the newest are shown`() throws {
    let periods = try weeks(PlotPeriods.limit + 1)
    #expect(periods.all.count == PlotPeriods.limit)
    #expect(periods.all.last == Self.last)
    #expect(periods.isCut && periods.notes.count == 1)
    let hidden = Self.last.advanced(by: -PlotPeriods.limit)
    #expect(periods.rows(from: [hidden, Self.last]) { $0 }.compactMap { $0 } == [Self.last])
    #expect(try !weeks(PlotPeriods.limit).isCut)
  }

  @Test(arguments: [1, 2, 3, 5, 6, 8, 26, 52, 60, 104, 105, 130, 200, 261, 520])
  func `labels do not overlap and are within the drawing`(_ count: Int) throws {
    for length in ReportPeriod.Length.allCases {
      let last = ReportPeriod(length, of: Instant(seconds: 1_795_424_400))
      let periods = try #require(PlotPeriods(reaching: [last.advanced(by: 1 - count), last]))
      let (width, margin) = (304.0, 18.0)
      let labels = periods.labels(width: width, margin: margin)
      #expect((min(count, 2)...12).contains(labels.count), "\(length) \(labels)")
      for label in labels {
        let half = label.text.count == 4 ? 15.0 : 30
        #expect(label.center + half <= width + margin && label.center - half >= -38)
      }
      for (left, right) in zip(labels, labels.dropFirst()) {
        #expect(right.center - left.center >= (left.text.count == 4 ? 31 : 63.99))
      }
    }
  }

  @Test(arguments: [
    (1, ["2026-W48"]), (2, ["2026-W47", "2026-W48"]),
    (52, ["2026-W09", "2026-W22", "2026-W35", "2026-W48"]),
    (261, ["2022", "2023", "2024", "2025", "2026"]),
    (520, ["2018", "2020", "2022", "2024", "2026"]),
  ])
  func `the newest period has a label, or each year has one`(_ count: Int, texts: [String]) throws {
    #expect(try weeks(count).labels(width: 304, margin: 18).map(\.text) == texts)
  }
}
