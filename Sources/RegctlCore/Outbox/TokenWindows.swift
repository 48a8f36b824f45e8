/// A set of windows of eight ASCII characters, each a number with the first in the highest byte.
///
/// A minimal hash table: with the standard library's sets, searching replies for tokens took a
/// third of the time of `deliver`.
struct TokenWindows {
  static let length = 8

  /// Zero marks an empty slot; no character has this byte.
  private var slots: [UInt64]
  private(set) var isEmpty = true

  /// A set with capacity for a number of windows.
  init(capacity: Int) {
    var count = 16
    while count < 2 * capacity { count *= 2 }
    slots = [UInt64](repeating: 0, count: count)
  }

  mutating func insert(_ window: UInt64) {
    slots[slot(of: window)] = window
    isEmpty = false
  }

  func contains(_ window: UInt64) -> Bool { slots[slot(of: window)] == window }

  /// The slot of a window, or the slot to insert it in.
  private func slot(of window: UInt64) -> Int {
    // Fibonacci hashing, Knuth, The Art of Computer Programming, volume 3, section 6.4.
    let hash = window &* 0x9e37_79b9_7f4a_7c15
    var slot = Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
    while slots[slot] != 0, slots[slot] != window { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  /// Calls a function with each window of some characters and its range.
  static func forEach(in characters: [UInt8], _ body: (UInt64, Range<Int>) -> Void) {
    var window: UInt64 = 0
    for (index, character) in characters.enumerated() {
      window = window << 8 | UInt64(character)
      if index >= length - 1 { body(window, index - (length - 1)..<index + 1) }
    }
  }
}
