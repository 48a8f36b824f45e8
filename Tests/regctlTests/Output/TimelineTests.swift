import Testing

@testable import regctl

@Suite("Timeline") struct TimelineTests {
  private static let rows: [(cells: [String], color: StateColor?)] = [
    (["2026-11-23 09:00 UTC", "register", "root", "-"], nil),
    (["2026-11-23 09:01 UTC", "mail 1 failed", "-", "550 5.1.1 no such user here at all"], .red),
  ]

  private func lines(width: Int?, usesColor: Bool = false) -> [String] {
    Timeline(Self.rows, TextStyle(width: width, usesColor: usesColor)).lines
  }

  @Test func `in a pipe each event is a line`() {
    #expect(
      lines(width: nil) == [
        "  2026-11-23 09:00 UTC  register       root  -",
        "  2026-11-23 09:01 UTC  mail 1 failed  -     550 5.1.1 no such user here at all",
      ])
  }

  @Test func `on a terminal the detail is broken in its column`() {
    #expect(
      lines(width: 70).suffix(2) == [
        "  2026-11-23 09:01 UTC  mail 1 failed  -     550 5.1.1 no such user",
        String(repeating: " ", count: 45) + "here at all",
      ])
  }

  @Test func `on a narrow terminal it is below the event`() {
    #expect(
      lines(width: 40) == [
        "  2026-11-23 09:00 UTC  register  root", "  2026-11-23 09:01 UTC  mail 1 failed",
        "    550 5.1.1 no such user here at all",
      ])
  }

  @Test func `a colour changes no column`() {
    #expect(lines(width: nil, usesColor: true)[1].contains("\u{1B}[31mmail 1 failed\u{1B}[0m  -  "))
  }
}
