internal import RegctlCore
internal import System

/// A buffered stream to a descriptor, with every write checked.
final class OutputStream {
  private let descriptor: Int32
  private let name: String
  private var buffer: [UInt8] = []
  private static let capacity = 65_536

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Appends bytes, writing when the buffer is full.
  func write(_ bytes: some Collection<UInt8>) throws(CommandError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try flush() }
  }

  func write(_ text: String) throws(CommandError) { try write(text.utf8) }

  /// Lets a renderer append to the buffer directly.
  func append(_ body: (inout [UInt8]) -> Void) throws(CommandError) {
    body(&buffer)
    if buffer.count >= Self.capacity { try flush() }
  }

  /// Writes bytes immediately, bypassing the buffer, and throws the system's error.
  func writeAtOnce(_ bytes: [UInt8]) throws(FileError) {
    try File.write(bytes, to: descriptor, path: name)
  }

  /// Writes the rest of the buffer; success is reported only after this.
  func flush() throws(CommandError) {
    defer { buffer.removeAll(keepingCapacity: true) }
    if buffer.isEmpty { return }
    do throws(FileError) {
      try File.write(buffer, to: descriptor, path: name)
    } catch {
      throw .output(error, isClosedPipe: error.isClosedPipe)
    }
  }
}
