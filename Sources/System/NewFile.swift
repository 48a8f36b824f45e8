/// A file that is created completely or not at all.
///
/// It is written under a temporary name, which is removed unless the file is published. An existing
/// file is never replaced.
package struct NewFile: ~Copyable {
  private let directory: Directory
  private let file: File
  private let temporary: String
  private let name: String
  private var isPublished = false

  /// Creates an empty file with mode 0600; errors use its final path.
  package init(_ path: String) throws(FileError) {
    let directory = try Directory(of: path)
    let temporary = Directory.temporaryName(for: path)
    file = try directory.create(temporary, shownAs: path)
    self.temporary = temporary
    name = FileSystem.name(of: path)
    self.directory = directory
  }

  deinit { if !isPublished { directory.remove(temporary) } }

  /// Appends bytes.
  package borrowing func write(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes) }

  /// Seeks to the beginning, to overwrite the content.
  package borrowing func rewind() throws(FileError) { try file.rewind() }

  /// Makes the content durable, gives the file its final name and makes that durable.
  ///
  /// Throws `EEXIST` if a file of that name exists.
  package mutating func publish() throws(FileError) {
    try file.synchronize()
    try directory.publish(file, from: temporary, as: name)
    isPublished = true
  }
}
