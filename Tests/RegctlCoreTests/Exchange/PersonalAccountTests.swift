import Testing

@testable import RegctlCore

@Suite("PersonalAccount") struct PersonalAccountTests {
  private func divide(_ name: String, _ value: ColumnValue) -> [String] {
    let divided = PersonalAccount.divide([PersonalAccount.Column(name: name, value: value)])
    return divided.shown.map { "shown \($0.name)" } + divided.omitted.map { "omitted \($0)" }
  }

  @Test(arguments: [
    "password_reset_token", "OTP_Secret", "api_key", "password_salt", "remember_token",
  ])
  func `a column with the name of a secret is omitted`(_ name: String) {
    #expect(divide(name, .text("x")) == ["omitted \(name)"])
  }

  @Test func `a value that looks like a secret is omitted`() {
    let hash = "$2b$13$abcdefghijklmnopqrstuuJ3GlMcCxJbGx0yrZSAxRGRHrl1hH2Iq"
    #expect(divide("legacy", .text(hash)) == ["omitted legacy"])
  }

  @Test func `other columns are shown`() {
    #expect(divide("colour", .text("red")) == ["shown colour"])
    #expect(divide("age", .integer(42)) == ["shown age"])
  }
}
