import System
import Testing

@Suite("DynamicLibrary") struct DynamicLibraryTests {
  /// A library that is loaded in every process of this test.
  private static let loaded = "libc.so.6"

  /// Two addresses, in the order of their names.
  private struct Addresses {
    let first: UInt
    let second: UInt
  }

  private static func load(_ file: String, _ first: StaticString, _ second: StaticString) throws
    -> Addresses
  {
    func name(_ text: StaticString) -> UnsafePointer<CChar> {
      UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
    return try DynamicLibrary.load(file, names: (name(first), name(second)), as: Addresses.self)
      .get().pointee
  }

  @Test func `each function is found under its name`() throws {
    let addresses = try Self.load(Self.loaded, "getpid", "getuid")
    let reversed = try Self.load(Self.loaded, "getuid", "getpid")
    #expect(addresses.first != addresses.second)
    #expect(addresses.first == reversed.second)
    #expect(addresses.second == reversed.first)
  }

  @Test func `a library that is missing is an error with the loader's reason`() {
    let error = #expect(throws: DynamicLibrary.LoadError.self) {
      try Self.load("libnowhere.so.3", "getpid", "getuid")
    }
    #expect(
      error?.reason
        == "libnowhere.so.3: cannot open shared object file: No such file or directory")
  }

  @Test func `a function that is missing is an error that names it`() {
    let error = #expect(throws: DynamicLibrary.LoadError.self) {
      try Self.load(Self.loaded, "getpid", "EVP_no_such_function")
    }
    #expect(error?.reason.contains("EVP_no_such_function") == true)
  }
}
