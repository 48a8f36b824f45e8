import Base
import Testing

@Suite("EditDistance") struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("", "abc", 3), ("abc", "abc", 0), ("abc", "abd", 1),
    ("abc", "ab", 1),
    ("abc", "xabc", 1), ("abc", "acb", 1), ("kitten", "sitting", 3), ("ab", "ba", 1),
    ("abcd", "badc", 2),
  ])
  func `insertions, deletions, substitutions and swaps count`(
    _ left: String, right: String, distance: Int
  ) {
    #expect(EditDistance.between(left, right) == distance)
    #expect(EditDistance.between(right, left) == distance)
  }

  @Test(arguments: [
    ("regster", "register"), ("confrim", "confirm"), ("conf", "confirm"), ("list", "list-outbox"),
    ("xyzzy", nil), ("", nil), ("re", nil), (String(repeating: "register", count: 20), nil),
  ])
  func `the nearest word is near enough, or none`(_ word: String, nearest: String?) {
    let candidates = ["register", "confirm", "unconfirm", "list-outbox", "show"]
    #expect(EditDistance.nearest(to: word, among: candidates) == nearest)
  }
}
