internal import Glibc

/// Bytes that are wiped from memory when their owner goes away.
package struct SecretBytes: ~Copyable {
  private let storage: [UInt8]

  /// Takes over some bytes; keep no other copy of them.
  package init(_ bytes: consuming [UInt8]) { storage = bytes }

  deinit {
    // In place: mutating an array in a `deinit` would wipe a copy.
    unsafe storage.withUnsafeBytes { bytes in
      unsafe Self.wipe(UnsafeMutableRawBufferPointer(mutating: bytes))
    }
  }

  /// How many bytes there are.
  package var count: Int { storage.count }

  /// Another owner of the same bytes, which wipes its own.
  package borrowing func copy() -> SecretBytes { SecretBytes(storage.map { $0 }) }

  /// Lends the bytes.
  package borrowing func withBytes<Result, Failure: Error>(
    _ body: ([UInt8]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(storage)
  }

  /// Overwrites an array with zeros.
  package static func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { unsafe wipe($0) }
  }

  /// Overwrites memory with zeros. The corresponding C function is `explicit_bzero`.
  package static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    if let start = memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
  }
}
