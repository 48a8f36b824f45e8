internal import COpenSSL
internal import Glibc

/// The functions of libcrypto and libssl.
///
/// Each library is loaded when a function of it is first needed: relocating them takes as long as
/// everything else that a short command does, and most commands neither sign nor send.
enum OpenSSLLibrary {
  static let cryptoFile = "libcrypto.so.3"
  static let sslFile = "libssl.so.3"

  private nonisolated(unsafe) static let crypto = unsafe load(
    cryptoFile, names: regctl_libcrypto_names, as: regctl_libcrypto.self)

  private nonisolated(unsafe) static let ssl = unsafe load(
    sslFile, names: regctl_libssl_names, as: regctl_libssl.self)

  /// The functions of libcrypto.
  static func cryptoFunctions() throws(OpenSSLError) -> UnsafePointer<regctl_libcrypto> {
    try unsafe crypto.get()
  }

  /// The functions of libssl.
  static func sslFunctions() throws(OpenSSLError) -> UnsafePointer<regctl_libssl> {
    try unsafe ssl.get()
  }

  /// Loads a library and fills a table of function pointers, one for each name.
  ///
  /// The corresponding C functions are `dlopen` and `dlsym`. The library and its table remain until
  /// the process ends.
  static func load<Names, Table>(
    _ file: String, names: Names, as type: Table.Type
  ) -> Result<UnsafePointer<Table>, OpenSSLError> {
    guard let library = unsafe dlopen(file, RTLD_LAZY | RTLD_LOCAL) else {
      return unsafe .failure(OpenSSLError(reason: loaderMessage(about: file)))
    }
    let table = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    let isComplete = unsafe withUnsafeBytes(of: names) { names in
      let names = unsafe names.bindMemory(to: UnsafePointer<CChar>.self)
      let slots = unsafe UnsafeMutableRawPointer(table)
        .bindMemory(to: UnsafeMutableRawPointer.self, capacity: names.count)
      for index in names.indices {
        guard let function = unsafe dlsym(library, names[index]) else { return false }
        unsafe slots[index] = function
      }
      return true
    }
    guard isComplete else {
      unsafe table.deallocate()
      return unsafe .failure(OpenSSLError(reason: loaderMessage(about: file)))
    }
    return unsafe .success(UnsafePointer(table))
  }

  /// Why the last call of the dynamic loader failed. The corresponding C function is `dlerror`.
  private static func loaderMessage(about file: String) -> String {
    unsafe dlerror().map { unsafe String(cString: $0) } ?? file
  }
}
