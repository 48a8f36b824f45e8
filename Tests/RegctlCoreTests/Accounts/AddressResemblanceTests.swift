import Testing

@testable import RegctlCore

@Suite("AddressResemblance") struct AddressResemblanceTests {
  private func best(_ email: String, among candidates: [String]) -> [String] {
    let resemblance = AddressResemblance(to: email)
    for candidate in candidates { resemblance.consider(candidate) { .account } }
    return resemblance.best.map(\.email)
  }

  @Test(arguments: [
    "nan.smith@example.org", "ann.smith@exmaple.org", "ann.smith@example.com",
    "anne.smith@example.org", "ann.smih@example.org", "ANN.SMITH@EXAMPLE.ORG",
    "ann.smith@example.orgxyz", "nnsmith@exmaple.org",
  ])
  func `up to three edits resemble a long address`(_ candidate: String) {
    #expect(best("ann.smith@example.org", among: [candidate]) == [candidate])
  }

  @Test(arguments: ["bob.smith@example.net", "ann.smith@example.orgwxyz", "x", "", "@"])
  func `more do not`(_ candidate: String) {
    #expect(best("ann.smith@example.org", among: [candidate]) == [])
  }

  @Test(arguments: [
    ("ann@example.org", ["ann1@example.org", "nan@exmaple.org", "bob@example.org"], 2),
    ("ann@x.org", ["an@x.org", "ann@y.org", "na@x.org"], 2),
  ])
  func `a shorter address allows fewer`(_ email: String, candidates: [String], count: Int) {
    #expect(best(email, among: candidates) == Array(candidates.prefix(count)))
  }

  @Test func `the most similar come first, and the earlier of two that are equally similar`() {
    let candidates = ["xxx", "x", "", "xx"].map { "ann.smith@example.org\($0)" }
    #expect(
      best("ann.smith@example.org", among: candidates + ["bnn.smith@example.org"])
        == [candidates[2], candidates[1], "bnn.smith@example.org", candidates[3], candidates[0]])
  }

  @Test func `five are kept, the best of all`() {
    let worse = (10..<30).map { "ann.smith\($0)@example.org" }
    #expect(
      best("ann.smith@example.org", among: worse + ["ann.smit@example.org"])
        == ["ann.smit@example.org"] + worse.prefix(4))
  }

  @Test func `an address counts once, in any case, where it is found first`() {
    let resemblance = AddressResemblance(to: "ann@x.org")
    resemblance.consider("Anne@x.org") { .account }
    resemblance.consider("anne@x.org") { .deleted }
    #expect(resemblance.best == [SimilarAddress(email: "Anne@x.org", holder: .account)])
  }

  @Test(arguments: ["", "a", "ab", String(repeating: "a", count: 300)])
  func `an address of any length can be searched for`(_ email: String) {
    #expect(best(email, among: [email + "x"]) == [email + "x"])
  }
}
