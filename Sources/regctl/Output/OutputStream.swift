internal import RegctlCore
internal import System

/// A buffered stream to a descriptor, with every write checked.
final class OutputStream {
  private var descriptor: Int32
  private let name: String
  private var buffer: [UInt8] = []
  private static let capacity = 65_536

  /// The pager that shows the output, if it turns out to be longer than the terminal.
  private var pager: Pager?
  private var reader: ChildProcess.Reader?

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

  /// Shows what is not yet written, and all that follows, with a pager if it is long.
  func page(with pager: Pager?) { if reader == nil { self.pager = pager } }

  /// Waits until the reader has seen what was written, if a pager shows it.
  func endPaging() {
    pager = nil
    guard let reader else { return }
    reader.finish()
    self.reader = nil
  }

  /// Starts the pager if the output is longer than the terminal.
  private func startPager() {
    guard let pager else { return }
    self.pager = nil
    guard buffer.count(where: { $0 == UInt8(ascii: "\n") }) >= pager.height else { return }
    reader = pager.start()
    if let reader { descriptor = reader.descriptor }
  }

  /// Writes bytes immediately, bypassing the buffer, and throws the system's error.
  func writeAtOnce(_ bytes: [UInt8]) throws(FileError) {
    try File.write(bytes, to: descriptor, path: name)
  }

  /// Writes the rest of the buffer; success is reported only after this.
  func flush() throws(CommandError) {
    defer { buffer.removeAll(keepingCapacity: true) }
    if buffer.isEmpty { return }
    startPager()
    do throws(FileError) {
      try File.write(buffer, to: descriptor, path: name)
    } catch {
      throw .output(error, isClosedPipe: error.isClosedPipe)
    }
  }
}
