import RegctlCore
import Testing

@testable import regctl

@Suite("BarPlot") struct BarPlotTests {
  private func plot(_ values: [Int]...) throws -> BarPlot {
    let last = ReportPeriod(.week, of: Instant(seconds: 1_795_424_400))
    let first = last.advanced(by: 1 - values[0].count)
    return BarPlot(
      figure: PlotFigure(
        id: "x", caption: "Caption", summary: "Summary.",
        legend: values.map { PlotSeries(name: "Series", color: .good, values: $0) }),
      periods: try #require(PlotPeriods(reaching: [first, last])))
  }

  @Test func `the pieces of a bar stand on each other, and reach the height of their sum`() throws {
    let plot = try plot([1, 0, 4], [1, 2, 0])
    let scale = plot.scale
    #expect(scale.end == 4)
    let bars = plot.bars(on: scale)
    let unit = PlotFrame.plotHeight / 4
    #expect(bars[0].map(\.from) == [0, 0] && bars[0].map(\.to) == [unit, 4 * unit])
    #expect(bars[1].map(\.from) == [unit, 0] && bars[1].map(\.to) == [2 * unit, 2 * unit])
  }

  @Test(arguments: [1, 2, 10, 60, 261, 520])
  func `bars are within the plot and do not overlap`(_ count: Int) throws {
    let plot = try plot([Int](repeating: 3, count: count))
    let bars = plot.bars(on: plot.scale)[0]
    #expect(bars.count == count)
    #expect(bars[0].x >= -0.001)
    #expect(bars[count - 1].x + bars[count - 1].width <= PlotFrame.plotWidth + 0.001)
    for (left, right) in zip(bars, bars.dropFirst()) {
      #expect(left.x + left.width <= right.x + 0.001)
    }
  }

  @Test func `the only bar is not as wide as the plot`() throws {
    let plot = try plot([3])
    #expect(plot.bars(on: plot.scale)[0][0].width == 40)
  }

  @Test func `a plot has a caption, a legend and a summary, and a note for each period`() throws {
    var output: [UInt8] = []
    try plot([1, 2]).markup.append(to: &output)
    let text = String(decoding: output, as: UTF8.self)
    #expect(text.contains(" role=\"img\" aria-labelledby=\"x-caption x-summary\">"))
    #expect(text.contains("<figcaption id=\"x-caption\">Caption</figcaption>"))
    #expect(text.contains("<span class=\"swatch good\"></span>Series</li>"))
    #expect(text.contains("<desc id=\"x-summary\">Summary.</desc>"))
    #expect(text.contains("<title>2026-W48: Series 2</title>"))
  }
}
