import Glibc
package import PostgreSQL

/// A PostgreSQL server for tests, with its data in a temporary directory, a socket there and a port
/// on loopback; it ends with its owner or with the process of the tests.
///
/// Its database is `postgres`. The superuser `postgres` and others log in without a password, but
/// for the user `secretive`, whose password by TCP is `open sesame`.
package final class PostgreSQLServer: Sendable {
  /// The server that tests share which leave the settings of the whole server alone; started when
  /// the first of them needs it.
  package static func shared() throws -> PostgreSQLServer { try common.get() }

  private static let common = Result { try PostgreSQLServer() }

  /// The directory of the socket.
  package let directory: String
  package let port: Int

  private let process: SupervisedProcess

  /// Starts a server with settings of `postgresql.conf`.
  package init(_ settings: String...) throws {
    let programs = try Self.programs()
    let port = try Self.freePort()
    process = try SupervisedProcess(Self.script, [programs, "\(port)"] + settings, as: "postgres")
    let line = process.firstLine
    guard line.hasPrefix("/"), line.hasSuffix("\n") else {
      throw SupervisedProcess.StartError(output: line)
    }
    directory = String(line.dropLast())
    self.port = port
  }

  // A message about a failed start is the first line, too.
  private static let script = """
    set -eu
    cd /
    programs=$1 port=$2
    shift 2
    directory=$(mktemp -d -t regctl-test-postgresql.XXXXXX)
    server=
    trap '[ -z "$server" ] || { kill -QUIT "$server"; wait "$server" || :; }
      rm -rf "$directory"' EXIT
    trap "" INT TERM HUP
    "$programs/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \\
      --no-sync >"$directory/log" 2>&1 || { tr '\\n' ' ' <"$directory/log"; exit 1; }
    cat >"$directory/data/pg_hba.conf" <<'END'
    local all all trust
    host all secretive 127.0.0.1/32 scram-sha-256
    host all all 127.0.0.1/32 trust
    END
    printf '%s\\n' "port = $port" "unix_socket_directories = '$directory'" \\
      "listen_addresses = '127.0.0.1'" 'fsync = off' 'max_connections = 60' \\
      'shared_buffers = 32MB' 'password_encryption = scram-sha-256' "$@" >>"$directory/data/postgresql.conf"
    "$programs/postgres" -D "$directory/data" >>"$directory/log" 2>&1 &
    server=$!
    # A server under test may have a standby to wait for that does not exist.
    export PGOPTIONS='-c synchronous_commit=local'
    until "$programs/psql" -XAtq -h "$directory" -p "$port" -U postgres \\
      -c "CREATE USER secretive PASSWORD 'open sesame'" 2>/dev/null
    do
      kill -0 "$server" 2>/dev/null || { tr '\\n' ' ' <"$directory/log"; exit 1; }
      sleep 0.05
    done
    echo "$directory"
    read -r _ || :
    """

  /// The directory of the server's programs: `REGCTL_TEST_POSTGRESQL_BIN`, or the newest version's.
  static func programs() throws -> String {
    if let chosen = getenv("REGCTL_TEST_POSTGRESQL_BIN") { return String(cString: chosen) }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob("/usr/lib/postgresql/*/bin/postgres", 0, nil, &found) == 0 else {
      throw SupervisedProcess.StartError(output: "no PostgreSQL; apt-get install postgresql")
    }
    let paths = (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0] }
      .map { String(cString: $0) }
    let newest = paths.max { version(of: $0) < version(of: $1) } ?? ""
    return String(newest.dropLast("/postgres".count))
  }

  private static func version(of path: String) -> Int {
    Int(path.split(separator: "/").dropFirst(3).first ?? "") ?? 0
  }

  /// A port that no process listens on.
  package static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound else { throw SupervisedProcess.StartError(output: "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  // MARK: Connections

  /// Parameters for the server's socket; settings replace those for it.
  package func parameters(
    _ settings: KeyValuePairs<String, String> = [:], busyTimeout: Duration = .seconds(5)
  ) -> ConnectionParameters {
    let own: KeyValuePairs = [
      "host": directory, "port": "\(port)", "dbname": "postgres", "user": "postgres",
    ]
    return ConnectionParameters(
      (Array(own) + Array(settings)).map { .init($0.key, $0.value) }, busyTimeout: busyTimeout)
  }

  /// A connection by the server's socket.
  package func connect(
    _ settings: KeyValuePairs<String, String> = [:], busyTimeout: Duration = .seconds(5)
  ) throws -> PostgreSQLDatabase {
    try PostgreSQLDatabase(parameters(settings, busyTimeout: busyTimeout))
  }
}
