internal import Glibc

/// An open file, closed on deinitialization.
package struct File: ~Copyable {
  private let descriptor: Int32

  /// The file's path in errors.
  package let path: String

  /// Opens an existing file. The corresponding C function is `open`; `O_CLOEXEC` is always set.
  ///
  /// Errors can use another path, such as the one the user gave.
  package init(path: String, flags: Int32, shownAs name: String? = nil) throws(FileError) {
    let opened = unsafe open(path, flags | O_CLOEXEC)
    guard opened >= 0 else { throw FileError("open", name ?? path) }
    self.init(descriptor: opened, path: name ?? path)
  }

  /// Takes ownership of a descriptor.
  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { _ = close(descriptor) }

  /// The status of the file. The corresponding C function is `fstat`.
  package borrowing func status() throws(FileError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError("examine", path) }
    return FileStatus(status)
  }

  /// The descriptor, for reading piece by piece while the file is open.
  var number: Int32 { descriptor }

  /// Appends the bytes that are available and fit; none at the end of the file.
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

  /// Seeks to the beginning. The corresponding C function is `lseek`.
  package borrowing func rewind() throws(FileError) {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw FileError("read", path) }
  }

  /// Reads to the end, or one byte beyond a limit.
  package borrowing func read(atMost limit: Int) throws(FileError) -> [UInt8] {
    try Self.read(descriptor, path: path, atMost: limit)
  }

  /// Reads a descriptor to its end, or one byte beyond a limit.
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

  /// Writes all bytes to a descriptor, with as many calls as needed.
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

  /// Gives the file the owner, the group and the mode of another.
  ///
  /// The corresponding C functions are `fchown` and `fchmod`.
  package borrowing func take(ownerAndModeOf other: FileStatus) throws(FileError) {
    let own = try status()
    if own.user != other.user || own.group != other.group {
      guard fchown(descriptor, other.user, other.group) == 0 else {
        throw FileError("change the owner of", path)
      }
    }
    guard fchmod(descriptor, other.permissions) == 0 else {
      throw FileError("change the mode of", path)
    }
  }

  /// Makes the file's content durable. The corresponding C function is `fsync`.
  package borrowing func synchronize() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("write", path) }
  }

  /// Takes an exclusive lock, which is released when the process ends; `false` if another has it.
  ///
  /// The corresponding C function is `flock`.
  package borrowing func tryLock() throws(FileError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw FileError("lock", path) }
    return false
  }

  /// Releases the lock, even if a child process that is being started shares the open file.
  package borrowing func unlock() { _ = flock(descriptor, LOCK_UN) }
}
