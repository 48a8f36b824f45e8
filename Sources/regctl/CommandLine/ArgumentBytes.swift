/// The arguments of a command line as bytes, which may be anything but NUL.
struct ArgumentBytes {
  private let all: [[UInt8]]

  /// Arguments from text, for tests and for commands that run others.
  init(_ words: [String]) { all = words.map { Array($0.utf8) } }

  /// The arguments as text, with U+FFFD for invalid UTF-8; good enough for messages.
  var lossyTexts: [String] { all.map { String(decoding: $0, as: UTF8.self) } }

  var isEmpty: Bool { all.isEmpty }

  /// The position, from 1, of the first that is not UTF-8.
  var firstNotUTF8: Int? {
    all.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
  }

  /// Arguments that may not be UTF-8.
  init(bytes: [[UInt8]]) { all = bytes }

  /// The arguments of this process.
  ///
  /// `CommandLine.arguments` would turn bytes that are not UTF-8 into U+FFFD, and so make two
  /// different arguments one.
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
