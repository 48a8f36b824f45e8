/// A file that is being made, whole or not at all.
///
/// It is written under a temporary name, which goes away unless the file is published. An existing
/// file is never replaced.
package struct NewFile: ~Copyable {
  private let directory: Directory
  private let file: File
  private let temporary: String
  private let name: String
  private var isPublished = false

  /// Makes an empty file for its owner only; errors call it by its final path.
  package init(_ path: String) throws(FileError) {
    let directory = try Directory(of: path)
    let temporary = Directory.temporaryName(for: path)
    file = try directory.create(temporary, shownAs: path)
    self.temporary = temporary
    name = FileSystem.name(of: path)
    self.directory = directory
  }

  deinit { if !isPublished { directory.remove(temporary) } }

  /// Writes bytes behind those that were written before.
  package borrowing func write(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes) }

  /// Goes back to the beginning, to write over what is there.
  package borrowing func rewind() throws(FileError) { try file.rewind() }

  /// Puts the content on the disk, gives the file its final name and makes that durable.
  ///
  /// `EEXIST` is thrown where a file of that name exists.
  package mutating func publish() throws(FileError) {
    try file.synchronize()
    try directory.publish(file, from: temporary, as: name)
    isPublished = true
  }
}
