internal import IDN2
internal import OpenSSL

/// A library that regctl uses, as it is on this machine.
package struct Library: Equatable, Sendable {
  /// The name, as in `libidn2`.
  package let name: String

  /// The version in use; `nil` when the library is loaded at its first use and cannot be.
  package let version: String?

  /// How the library was compiled, where that changes what regctl does.
  package let options: [String]

  init(name: String, version: String?, options: [String] = []) {
    self.name = name
    self.version = version
    self.options = options
  }

  /// All libraries. Those that are loaded at their first use are loaded for this.
  package static var all: [Library] {
    [
      Store.libraryOfFiles,
      Library(name: "openssl", version: OpenSSL.LibraryVersion.text),
      Store.libraryOfServers,
      Library(name: "libidn2", version: IDN2.LibraryVersion.text),
      Library(name: "libcrypt", version: Bcrypt.libraryVersion),
      Library(name: "zlib", version: Compressor.libraryVersion),
    ]
  }
}
