internal import CPQ

/// What answers as a server.
package enum ServerProduct: Equatable, Sendable {
  /// PostgreSQL, with its version as the C function `PQserverVersion` reports it: 150004 is 15.4.
  case postgreSQL(Int)
  /// Another product with the same protocol, by its name.
  case other(String)

  /// The first version that regctl works with.
  package static let oldestVersion = 130_000

  /// The product by the parameters that it reports on connecting.
  ///
  /// CockroachDB and YugabyteDB lack advisory locks, `LOCK TABLE` or transition tables.
  init(version: Int, versionText: String, isCockroach: Bool) {
    if isCockroach {
      self = .other("CockroachDB")
    } else if versionText.utf8.split(separator: UInt8(ascii: "-")).contains(where: {
      $0.elementsEqual("YB".utf8)
    }) {
      self = .other("YugabyteDB")
    } else {
      self = .postgreSQL(version)
    }
  }
}

extension Connection {
  /// What answers as the server.
  var product: ServerProduct {
    ServerProduct(
      version: unsafe Int(pq.pointee.PQserverVersion(handle)),
      versionText: parameter("server_version") ?? "",
      isCockroach: parameter("crdb_version") != nil)
  }

  private func parameter(_ name: String) -> String? {
    unsafe pq.pointee.PQparameterStatus(handle, name).map { unsafe String(cString: $0) }
  }
}

extension PostgreSQLDatabase {
  /// What answers as the server.
  package var product: ServerProduct { connection.product }
}
