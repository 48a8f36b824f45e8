internal import Base
internal import CCrypt
internal import System

/// bcrypt, as libcrypt computes it.
@safe enum Bcrypt {
  /// Further bytes of a password are ignored.
  static let maximumByteCount = 72

  /// The version of the library that regctl was compiled for; it does not tell its own.
  static let libraryVersion = XCRYPT_VERSION_STR

  /// The costs that regctl runs: 2^15 rounds take about two seconds, 2^31 a day.
  static let costs = 4...15

  /// The cost of a hash; `nil` when the text is not a hash that regctl runs.
  static func cost(of text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 60,
      ["$2a$", "$2b$", "$2y$"].contains(where: { bytes.starts(with: $0.utf8) }),
      bytes[4].isDigit, bytes[5].isDigit, bytes[6] == UInt8(ascii: "$")
    else { return nil }
    let cost = Int(bytes[4] - 48) * 10 + Int(bytes[5] - 48)
    return costs.contains(cost) ? cost : nil
  }

  /// Whether a text is a hash, including costs that regctl does not run.
  static func isHash(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count == 60, unsafe bytes[0] == UInt8(ascii: "$"),
        unsafe bytes[1] == UInt8(ascii: "2"), unsafe "aby".utf8.contains(bytes[2]),
        unsafe bytes[3] == UInt8(ascii: "$"), unsafe bytes[4].isDigit, unsafe bytes[5].isDigit,
        unsafe bytes[6] == UInt8(ascii: "$"),
        unsafe (4...31).contains(Int(bytes[4] - 48) * 10 + Int(bytes[5] - 48))
      else { return false }
      return unsafe bytes[7...].allSatisfy {
        $0.isLetterOrDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
      }
    }
  }

  /// The hash of a password with a new random salt; `prefix` is `2a` or `2b`.
  static func newHash(of password: [UInt8], prefix: String, cost: Int) -> String {
    precondition(costs.contains(cost), "bcrypt cost \(cost)")
    guard let text = hash(of: password, setting: newSetting(prefix: prefix, cost: cost)) else {
      preconditionFailure("libcrypt has no bcrypt")
    }
    return text
  }

  /// A setting with a new random salt. The corresponding C function is `crypt_gensalt_rn`.
  static func newSetting(prefix: String, cost: Int) -> String {
    let random = RandomBytes.generate(16)
    var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
    let made = unsafe random.withUnsafeBytes { random in
      unsafe crypt_gensalt_rn(
        "$\(prefix)$", UInt(cost), random.baseAddress?.assumingMemoryBound(to: CChar.self),
        Int32(random.count), &output, Int32(output.count)) != nil
    }
    precondition(made, "libcrypt has no bcrypt")
    return String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The setting of a hash that is discarded. Generating a random salt would take time that a real
  /// comparison does not.
  static func fixedSetting(cost: Int) -> String {
    "$2b$\(cost < 10 ? "0" : "")\(cost)$" + String(repeating: ".", count: 22)
  }

  /// The hash of a password with the setting of another hash; `nil` when libcrypt rejects the
  /// setting. The corresponding C function is `crypt_rn`.
  static func hash(of password: [UInt8], setting: String) -> String? {
    let scratch = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    unsafe scratch.initialize(to: crypt_data())
    defer {
      unsafe SecretBytes.wipe(
        UnsafeMutableRawBufferPointer(start: scratch, count: MemoryLayout<crypt_data>.size))
      unsafe scratch.deallocate()
    }
    var phrase = password.map { CChar(bitPattern: $0) } + [0]
    let output = unsafe crypt_rn(
      phrase, setting, scratch, Int32(MemoryLayout<crypt_data>.size))
    for index in phrase.indices { phrase[index] = 0 }
    guard let output = unsafe output else { return nil }
    return unsafe String(cString: output)
  }
}
