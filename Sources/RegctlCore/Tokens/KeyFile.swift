internal import Base

/// The lines of a key file: one key a line, oldest first. Empty lines are kept where they are.
struct KeyFile: Equatable, Sendable {
  private(set) var content: [UInt8]

  init(content: [UInt8]) { self.content = content }

  /// The keys, as a key ring has them.
  var keys: [[UInt8]] { KeyRing(fileContent: content)?.keys ?? [] }

  /// Adds a key as the newest.
  mutating func append(_ key: [UInt8]) {
    if content.last != UInt8(ascii: "\n"), !content.isEmpty { content.append(UInt8(ascii: "\n")) }
    content += key
    content.append(UInt8(ascii: "\n"))
  }

  /// Removes the oldest keys with their lines.
  mutating func dropFirst(_ count: Int) {
    var rest = content[...]
    var removed = 0
    while removed < count, !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      if !(line.isEmpty || line.elementsEqual("\r".utf8)) { removed += 1 }
      rest = rest.dropFirst(line.count + 1)
    }
    content = Array(rest)
  }
}
