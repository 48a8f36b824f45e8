internal import Glibc

/// Bytes that are wiped from memory on deinitialization.
package struct SecretBytes: ~Copyable {
  private let storage: [UInt8]

  /// Takes ownership of some bytes; keep no other copy of them.
  package init(_ bytes: consuming [UInt8]) { storage = bytes }

  deinit {
    // In place: mutating an array in a `deinit` would wipe a copy.
    unsafe storage.withUnsafeBytes { bytes in
      unsafe Self.wipe(UnsafeMutableRawBufferPointer(mutating: bytes))
    }
  }

  /// The number of bytes.
  package var count: Int { storage.count }

  /// A copy of the bytes, which is wiped separately.
  package borrowing func copy() -> SecretBytes { SecretBytes(storage.map { $0 }) }

  /// Calls a body with the bytes.
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
