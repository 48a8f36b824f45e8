/// Copies accounts and all that regctl keeps into an empty database of the other engine, or of
/// another server.
package struct MoveStore {
  private enum Destination {
    case file(String)
    case server(Store)
  }

  private let destination: Destination

  /// Connects to the destination if it is on a server; throws if it is not empty.
  package init(to location: DatabaseLocation, _ configuration: Configuration) throws(RegctlError) {
    switch (configuration.db, location) {
    case (.file(let source), .file(let path)):
      throw .store(.bothFiles(source, path))
    case (.server, .file(let path)): destination = .file(path)
    case (_, .server(let address)):
      destination = .server(
        try Store.openDestination(
          address, configuration.users, busyTimeout: configuration.busyTimeout))
    }
  }

  /// Copies all of a store that is open for writing, completely or not at all, and verifies the copy
  /// row for row. Other writers of the source wait meanwhile.
  package func perform(
    from source: Store, at now: Instant, reporting report: CopyProgress.Report? = nil
  ) throws(RegctlError) -> CopyReport {
    try source.inOneState(excludingWriters: true) { () throws(RegctlError) in
      switch destination {
      case .server(let server):
        server.passwordScheme = source.passwordScheme
        return try server.fill(from: source, at: now, reporting: report)
      case .file(let path):
        return try Store.publish(path) { temporary throws(RegctlError) in
          let copy = try source.newFile(temporary, for: path)
          let copied = try copy.fill(from: source, at: now, reporting: report)
          try copy.useLog()
          return copied
        }
      }
    }
  }
}
