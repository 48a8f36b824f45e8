internal import Glibc

/// Loads libraries that most commands do not need, when a function of one is first needed.
package enum DynamicLibrary {
  /// A library cannot be loaded, or lacks a function.
  package struct LoadError: Error, Equatable, Sendable {
    /// What the dynamic loader reported.
    package let reason: String
  }

  /// Loads a library and fills a table of function pointers, one for each name.
  ///
  /// The corresponding C functions are `dlopen` and `dlsym`. The library and its table remain until
  /// the process ends.
  package static func load<Names, Table>(
    _ file: String, names: Names, as type: Table.Type
  ) -> Result<UnsafePointer<Table>, LoadError> {
    guard let library = unsafe dlopen(file, RTLD_LAZY | RTLD_LOCAL) else {
      return unsafe .failure(LoadError(reason: loaderMessage(about: file)))
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
      return unsafe .failure(LoadError(reason: loaderMessage(about: file)))
    }
    return unsafe .success(UnsafePointer(table))
  }

  /// Why the last call of the dynamic loader failed. The corresponding C function is `dlerror`.
  private static func loaderMessage(about file: String) -> String {
    unsafe dlerror().map { unsafe String(cString: $0) } ?? file
  }
}
