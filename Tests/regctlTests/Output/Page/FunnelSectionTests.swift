import Testing

@testable import RegctlCore
@testable import regctl

@Suite("FunnelSection") struct FunnelSectionTests {
  private func table(_ domains: [(String, Int)]) -> [[String]] {
    PageSection.funnel(
      domains.map {
        DomainFunnel(domain: $0, registered: $1, mailed: $1, accepted: 1, confirmed: 1)
      }
    ).table?.rows ?? []
  }

  @Test func `domains of few accounts are counted together`() {
    #expect(
      table([("a.org", 5), ("b.org", 4), ("c.org", 1)]) == [
        ["a.org", "5", "5", "1", "1", "20.0%"],
        ["2 other domains", "5", "5", "2", "2", "40.0%"],
        ["All domains", "10", "10", "3", "3", "30.0%"],
      ])
  }

  @Test func `without others there is no row of them`() {
    #expect(table([("a.org", 5)]).map(\.first) == ["a.org", "All domains"])
  }

  @Test func `all but the fifty largest domains are counted together`() {
    let rows = table((1...60).map { ("d\($0).org", 100) })
    #expect(rows.count == 52)
    #expect(rows[50] == ["10 other domains", "1000", "1000", "10", "10", "1.0%"])
  }

  @Test func `without accounts there is a sentence in place of a plot`() {
    let section = PageSection.funnel([])
    #expect(section.sentences == ["No accounts were registered."])
    #expect(section.figures.isEmpty && section.table == nil)
  }
}
