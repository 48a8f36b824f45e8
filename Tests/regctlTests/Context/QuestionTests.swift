import Testing

@testable import regctl

@Suite("Question") struct QuestionTests {
  private let names = (1...5).map { "somebody\($0)@example.org" }

  @Test(arguments: [
    (1, 1, "Prune 1 account (somebody1@example.org)?"),
    (2, 2, "Prune 2 accounts (somebody1@example.org, somebody2@example.org)?"),
    (3, 2, "Prune 3 accounts (somebody1@example.org, somebody2@example.org, ...)?"),
    (7, 5, "Prune 7 accounts (somebody1@example.org, somebody2@example.org, ...)?"),
  ])
  func `as many addresses are named as fit on a line`(_ count: Int, _ known: Int, _ text: String) {
    #expect(Question.about("Prune", count, Array(names.prefix(known))) == text)
  }

  @Test func `an address too long for a line is omitted`() {
    let long = String(repeating: "x", count: 80) + "@example.org"
    #expect(Question.about("Prune", 2, [long, long]) == "Prune 2 accounts?")
  }

  @Test func `an address cannot pretend to be part of the question`() {
    #expect(Question.about("Prune", 1, ["a\u{1b}[2J@example.org"]).contains("\u{1b}") == false)
  }
}
