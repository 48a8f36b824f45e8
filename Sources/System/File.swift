internal import Glibc

/// An open file, closed when its owner goes away.
package struct File: ~Copyable {
  private let descriptor: Int32

  /// What errors call the file.
  package let path: String

  /// Opens a file that exists. The corresponding C function is `open`; `O_CLOEXEC` is always set.
  ///
  /// Errors may call it by another name, such as the one that it was given by.
  package init(path: String, flags: Int32, shownAs name: String? = nil) throws(FileError) {
    let opened = unsafe open(path, flags | O_CLOEXEC)
    guard opened >= 0 else { throw FileError("open", name ?? path) }
    self.init(descriptor: opened, path: name ?? path)
  }

  /// Takes over a descriptor.
  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { _ = close(descriptor) }

  /// What the system knows about the file. The corresponding C function is `fstat`.
  package borrowing func status() throws(FileError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError("examine", path) }
    return FileStatus(status)
  }

  /// The descriptor, to read piece by piece while the file is open.
  var number: Int32 { descriptor }

  /// Appends as many bytes as come at once and fit; none at the end.
  ///
  /// The corresponding C function is `read`.
  package static func read(
    _ descriptor: Int32, to output: inout OutputSpan<UInt8>, path: String
  ) throws(FileError) {
    while true {
      let count = unsafe output.withUnsafeMutableBufferPointer { memory, filled in
        let room = unsafe UnsafeMutableBufferPointer(rebasing: memory[filled...])
        let count = unsafe Glibc.read(descriptor, room.baseAddress, room.count)
        filled += max(0, count)
        return count
      }
      if count >= 0 { return }
      guard errno == EINTR else { throw FileError("read", path) }
    }
  }

  /// Goes back to the beginning. The corresponding C function is `lseek`.
  package borrowing func rewind() throws(FileError) {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw FileError("read", path) }
  }

  /// Reads to the end, or to the first byte beyond a limit.
  package borrowing func read(atMost limit: Int) throws(FileError) -> [UInt8] {
    try Self.read(descriptor, path: path, atMost: limit)
  }

  /// Reads a descriptor to its end, or to the first byte beyond a limit.
  package static func read(
    _ descriptor: Int32, path: String, atMost limit: Int
  ) throws(FileError) -> [UInt8] {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(65_536, limit + 1))
    while content.count <= limit {
      let count = unsafe Glibc.read(descriptor, &chunk, min(chunk.count, limit + 1 - content.count))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", path) }
      guard count > 0 else { break }
      content += chunk[..<count]
    }
    SecretBytes.wipe(&chunk)
    return content
  }

  /// Writes all bytes.
  package borrowing func write(_ bytes: [UInt8]) throws(FileError) {
    try Self.write(bytes, to: descriptor, path: path)
  }

  /// Writes all bytes to a descriptor, however many calls that takes.
  package static func write(
    _ bytes: [UInt8], to descriptor: Int32, path: String
  ) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes { rest in
        unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&waiting, 1, -1)
        continue
      }
      guard count >= 0 else { throw FileError("write", path) }
      written += count
    }
  }

  /// Waits until the file's content is on the disk. The corresponding C function is `fsync`.
  package borrowing func synchronize() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("write", path) }
  }

  /// Takes the kernel's exclusive lock, which its holder's death frees; `false` if another has it.
  ///
  /// The corresponding C function is `flock`.
  package borrowing func tryLock() throws(FileError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw FileError("lock", path) }
    return false
  }

  /// Gives the lock up, also where a child that is just being started shares the open file.
  package borrowing func unlock() { _ = flock(descriptor, LOCK_UN) }
}
