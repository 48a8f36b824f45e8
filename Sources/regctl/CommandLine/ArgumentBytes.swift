/// The arguments of a command line as bytes, which can have any value except NUL.
struct ArgumentBytes {
  private let all: [[UInt8]]

  /// Creates arguments from text, for tests and for commands that run others.
  init(_ words: [String]) { all = words.map { Array($0.utf8) } }

  /// The arguments as text for messages, with U+FFFD for invalid UTF-8.
  var lossyTexts: [String] { all.map { String(decoding: $0, as: UTF8.self) } }

  var isEmpty: Bool { all.isEmpty }

  /// The position, from 1, of the first argument that is not UTF-8.
  var firstNotUTF8: Int? {
    all.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
  }

  /// Creates arguments from bytes, valid UTF-8 or not.
  init(bytes: [[UInt8]]) { all = bytes }

  /// The arguments of this process.
  ///
  /// `CommandLine.arguments` replaces invalid UTF-8 by U+FFFD, so different arguments could become
  /// equal.
  static func ofProcess() -> ArgumentBytes {
    let count = Int(CommandLine.argc)
    let bytes = (1..<max(count, 1)).map { index -> [UInt8] in
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { return [] }
      var length = 0
      while unsafe argument[length] != 0 { length += 1 }
      return unsafe Array(
        UnsafeRawBufferPointer(start: UnsafeRawPointer(argument), count: length))
    }
    return ArgumentBytes(bytes: bytes)
  }
}
