import Testing

@testable import regctl

@Suite("TableLayout") struct TableLayoutTests {
  private static let columns = [
    Column("id", rank: 0), Column.email, Column("state", rank: 0), Column("reply", least: 12),
    Column("queued_at", rank: 3), Column("sent_at", rank: 3),
  ]

  private func layout(_ natural: [Int], width: Int?, areChosen: Bool = false) -> TableLayout {
    TableLayout(Self.columns, natural: natural, width: width, areChosen: areChosen)
  }

  @Test func `without a terminal every column has its width`() {
    let layout = layout([2, 300, 6, 90, 20, 20], width: nil)
    #expect(layout.shown == [0, 1, 2, 3, 4, 5])
    #expect(layout.widths == [2, 300, 6, 90, 20, 20])
    #expect(layout.leftOut == [])
  }

  @Test func `the column of the highest rank is left out first, of equal ones the last`() {
    #expect(layout([2, 15, 6, 12, 20, 20], width: 80).leftOut == [5])
    #expect(layout([2, 15, 6, 12, 20, 20], width: 60).leftOut == [4, 5])
    #expect(layout([2, 15, 6, 12, 20, 20], width: 40).leftOut == [3, 4, 5])
    #expect(layout([2, 15, 6, 12, 20, 20], width: 85).leftOut == [])
  }

  @Test func `before that long text is cut down, the widest first`() {
    let layout = layout([2, 250, 6, 30, 20, 20], width: 100)
    #expect(layout.shown == [0, 1, 2, 3, 4, 5])
    #expect(layout.widths == [2, 21, 6, 21, 20, 20])
  }

  @Test func `columns that were asked for by name are only cut`() {
    let layout = layout([2, 250, 6, 30, 20, 20], width: 40, areChosen: true)
    #expect(layout.shown == [0, 1, 2, 3, 4, 5])
    #expect(layout.widths.reduce(0, +) == 40 - 5 * TableLayout.gap)
  }

  @Test(arguments: 12...200)
  func `the columns fit`(_ width: Int) {
    let layout = layout([5, 250, 9, 80, 20, 20], width: width)
    #expect(
      layout.widths.reduce(0, +) + TableLayout.gap * (layout.widths.count - 1) <= width)
  }
}
