/// How far two words are apart, for "did you mean".
package enum EditDistance {
  /// The number of insertions, deletions, substitutions and swaps of neighbours between two words.
  package static func between(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left.utf8), Array(right.utf8))
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var current = [i]
      for j in 1...b.count {
        let substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        var best = min(previous[j] + 1, current[j - 1] + 1, substitution)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          best = min(best, beforePrevious[j - 2] + 1)
        }
        current.append(best)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
  }

  /// The candidate most like a word, or `nil` when none is like it.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    let ranked = candidates.map { candidate in
      let isBeginning = word.utf8.count >= 3 && candidate.utf8.starts(with: word.utf8)
      return (candidate, isBeginning ? 0 : between(word, candidate))
    }
    let limit = max(1, min(3, word.utf8.count / 3))
    return ranked.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
  }
}
