import Testing

@testable import RegctlCore

@Suite("TokenWindows") struct TokenWindowsTests {
  @Test(arguments: [
    ("", 0), ("abcdefg", 0), ("abcdefgh", 1), ("abcdefghi", 2), ("abcdefghijklmnopqrst", 13),
  ])
  func `a window is eight characters side by side`(_ text: String, count: Int) {
    let characters = Array(text.utf8)
    var places: [Range<Int>] = []
    TokenWindows.forEach(in: characters) { window, place in
      places.append(place)
      #expect(characters[place].reduce(0) { $0 << 8 | UInt64($1) } == window)
    }
    #expect(places == (0..<count).map { $0..<($0 + 8) })
  }

  @Test(arguments: [1, 8, 9, 1000])
  func `inserted windows are found, and no others`(_ count: UInt64) {
    var windows = TokenWindows(capacity: Int(count))
    #expect(windows.isEmpty)
    for window in 1...count { windows.insert(window << 32) }
    for window in 1...count { windows.insert(window << 32) }
    #expect(!windows.isEmpty)
    #expect((1...count).allSatisfy { windows.contains($0 << 32) })
    #expect((1...count).allSatisfy { !windows.contains($0 << 32 | 1) })
  }
}
