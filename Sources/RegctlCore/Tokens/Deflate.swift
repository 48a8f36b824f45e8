internal import CZlib

/// Compresses in the zlib format (RFC 1950) as Python's `zlib.compress` does at its default level.
///
/// One stream serves for many texts: its quarter of a megabyte is set up once.
@safe final class Compressor {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  /// The version of the library in use, such as `1.2.13`.
  static var libraryVersion: String { unsafe String(cString: zlibVersion()) }

  init() {
    unsafe stream.initialize(to: z_stream())
    let opened = unsafe regctl_deflateInit2(stream, Z_DEFAULT_COMPRESSION, MAX_WBITS, 8)
    precondition(opened == Z_OK, "zlib cannot compress")
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Compresses some bytes, as `zlib.compress(data)`.
  func compress(_ bytes: [UInt8]) -> [UInt8] {
    unsafe deflateReset(stream)
    let capacity = unsafe Int(deflateBound(stream, UInt(bytes.count)))
    var input = bytes
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      let code = unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe stream.pointee.next_in = input.baseAddress
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = UInt32(capacity)
        return unsafe deflate(stream, Z_FINISH)
      }
      precondition(code == Z_STREAM_END, "deflateBound promised enough room")
      count = unsafe Int(stream.pointee.total_out)
    }
  }
}

/// The zlib format (RFC 1950): reading it, and telling when writing it is useless.
enum Deflate {
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
  /// Compressing every payload took 3.0 times the CPU time of issuing 100,000 tokens
  /// (2026-11-28).
  ///
  /// Deflate saves in two ways. Back references need three bytes that occur twice; when no three
  /// bytes do, only Huffman codes are left. Fixed codes never save on ASCII. Dynamic codes need at
  /// least the entropy of the text, and a header that describes them: 17 bits of counts, 24 bits of
  /// code length codes (below 64 bytes one of them is for a length of 6 or less, or nothing is
  /// saved), and for each gap in the alphabet a run length. The zlib format itself adds 6 bytes. This is a lower bound,
  /// so that a wrong answer here can only be "perhaps".
  static func surelyDoesNotHelp(_ bytes: [UInt8]) -> Bool {
    let terms = entropyTerms
    guard bytes.count < terms.count else { return false }
    var counts = [128 of UInt8](repeating: 0)
    var used = (low: UInt64(0), high: UInt64(0))
    var seen = [8 of UInt64](repeating: 0)
    var trigram: UInt32 = 0
    var entropy = terms[bytes.count]
    for index in bytes.indices {
      let byte = bytes[index]
      guard byte < 128 else { return false }
      let count = Int(counts[Int(byte)])
      entropy -= terms[count + 1] - terms[count]
      counts[Int(byte)] += 1
      if byte < 64 { used.low |= 1 << UInt64(byte) } else { used.high |= 1 << UInt64(byte - 64) }
      trigram = trigram << 8 & 0xff_ffff | UInt32(byte)
      guard index >= 2 else { continue }
      // A hash of nine bits tells most new trigrams apart; the others are looked up.
      let hash = Int((trigram &* 0x9e37_79b1) >> 23)
      let bit: UInt64 = 1 << UInt64(hash & 63)
      if seen[hash >> 6] & bit != 0, isRepeated(trigramEndingAt: index, in: bytes) { return false }
      seen[hash >> 6] |= bit
    }
    let savingBits = 8 * (bytes.count - 6 - 2)
    let header = 17 + 24
    // The gaps are counted only for texts that hang in the balance.
    return entropy / scale + header > savingBits
      || entropy / scale + header + bitsForGaps(between: used) > savingBits
  }

  /// Whether the three bytes that end at an index occur before.
  private static func isRepeated(trigramEndingAt end: Int, in bytes: [UInt8]) -> Bool {
    for index in 2..<end
    where bytes[index] == bytes[end] && bytes[index - 1] == bytes[end - 1]
      && bytes[index - 2] == bytes[end - 2]
    { return true }
    return false
  }

  /// The least number of bits that the runs of unused bytes cost: 8 for up to 138, 4 for up to 10.
  private static func bitsForGaps(between used: (low: UInt64, high: UInt64)) -> Int {
    var bits = 8  // From the last used byte to the end of block symbol at 256.
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
  private static let entropyTerms: [Int] = (0...63).map { n in
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
