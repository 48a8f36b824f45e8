internal import CZlib

/// The zlib format (RFC 1950) as Python's `zlib.compress` writes it at its default level.
enum Deflate {
  /// Compresses some bytes at level 6, as `zlib.compress(data)`.
  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var stream = unsafe z_stream()
    let level = Z_DEFAULT_COMPRESSION
    let opened = unsafe regctl_deflateInit2(&stream, level, MAX_WBITS, 8)
    precondition(opened == Z_OK, "zlib cannot compress")
    defer { unsafe deflateEnd(&stream) }
    let capacity = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
    var input = bytes
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      let code = unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(capacity)
        return unsafe deflate(&stream, Z_FINISH)
      }
      precondition(code == Z_STREAM_END, "deflateBound promised enough room")
      count = unsafe Int(stream.total_out)
    }
  }

  /// Decompresses a whole stream, or returns `nil` when it is damaged, cut short or too large.
  static func decompress(_ bytes: [UInt8], atMost limit: Int) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe regctl_inflateInit(&stream) == Z_OK else { return nil }
    defer { unsafe inflateEnd(&stream) }
    var input = bytes
    var isWhole = false
    let output = unsafe [UInt8](unsafeUninitializedCapacity: limit + 1) { output, count in
      let code = unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(limit + 1)
        return unsafe inflate(&stream, Z_FINISH)
      }
      isWhole = code == Z_STREAM_END
      count = unsafe Int(stream.total_out)
    }
    return isWhole && output.count <= limit ? output : nil
  }

  /// Whether compressing would surely save fewer than two bytes, found without compressing.
  ///
  /// Deflate saves in two ways. Back references need three bytes that occur twice; when no three
  /// bytes do, only Huffman codes are left. Fixed codes never save on ASCII. Dynamic codes need at
  /// least the entropy of the text, and a header that describes them: 17 bits of counts, 24 bits of
  /// code length codes (one of them is for a length of 6 or less, or nothing is saved), and for each
  /// gap in the alphabet a run length. The zlib format itself adds 6 bytes. This is a lower bound,
  /// so that a wrong answer here can only be "perhaps".
  static func surelyDoesNotHelp(_ bytes: [UInt8]) -> Bool {
    guard bytes.count < entropyTerms.count else { return false }
    var counts = [256 of UInt8](repeating: 0)
    var seen = [8 of UInt64](repeating: 0)
    var used: (low: UInt64, high: UInt64) = (0, 0)
    var trigram: UInt32 = 0
    var entropy = entropyTerms[bytes.count]
    for index in bytes.indices {
      let byte = bytes[index]
      guard byte < 128 else { return false }
      let count = Int(counts[Int(byte)])
      entropy -= entropyTerms[count + 1] - entropyTerms[count]
      counts[Int(byte)] += 1
      if byte < 64 { used.low |= 1 << UInt64(byte) } else { used.high |= 1 << UInt64(byte - 64) }
      trigram = trigram << 8 & 0xff_ffff | UInt32(byte)
      if index >= 2 {
        // A hash of nine bits may see a repetition where there is none, never the reverse.
        let hash = Int((trigram &* 0x9e37_79b1) >> 23)
        let bit: UInt64 = 1 << UInt64(hash & 63)
        if seen[hash >> 6] & bit != 0 { return false }
        seen[hash >> 6] |= bit
      }
    }
    let header = 17 + 24 + headerBits(ofGapsIn: used)
    let savingBits = 8 * (bytes.count - 6 - 2)
    return entropy / scale + header > savingBits
  }

  /// The least number of bits that the runs of unused bytes cost, 138 of them at most in 8 bits.
  private static func headerBits(ofGapsIn used: (low: UInt64, high: UInt64)) -> Int {
    var bits = 8  // From the last used byte, below 128, to the end of block symbol at 256.
    var next = 0
    for (word, base) in [(used.low, 0), (used.high, 64)] {
      var rest = word
      while rest != 0 {
        let symbol = base + rest.trailingZeroBitCount
        let gap = symbol - next
        bits += gap >= 11 ? 8 : gap >= 3 ? 4 : gap
        next = symbol + 1
        rest &= rest - 1
      }
    }
    return bits
  }

  private static let scale = 1024

  /// `n · log2 n` for each small `n`, times `scale`, rounded down.
  private static let entropyTerms: [Int] = (0...96).map { n in
    n == 0 ? 0 : Int(Double(n) * binaryLogarithm(of: n) * Double(scale))
  }

  /// The binary logarithm by repeated squaring: the standard library has none.
  private static func binaryLogarithm(of number: Int) -> Double {
    var value = Double(number)
    var result = Double(value.exponent)
    value = value.significand
    var bit = 0.5
    for _ in 0..<40 {
      value *= value
      if value >= 2 {
        value /= 2
        result += bit
      }
      bit /= 2
    }
    return result
  }
}
