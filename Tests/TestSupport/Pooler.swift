package import PostgreSQL

/// pgbouncer in transaction mode before a server: each transaction of a connection may run in
/// another of its two sessions.
package final class Pooler: Sendable {
  package let port: Int

  private let process: SupervisedProcess

  package init(before server: PostgreSQLServer) throws {
    port = try PostgreSQLServer.freePort()
    process = try SupervisedProcess(
      Self.script, [server.directory, "\(server.port)", "\(port)", PostgreSQLServer.programs()],
      as: "postgres")
    guard process.firstLine == "ready\n" else {
      throw SupervisedProcess.StartError(output: process.firstLine)
    }
  }

  private static let script = """
    set -eu
    cd /
    directory=$(mktemp -d -t regctl-test-pgbouncer.XXXXXX)
    pooler=
    trap '[ -z "$pooler" ] || { kill -KILL "$pooler"; wait "$pooler" || :; }
      rm -rf "$directory"' EXIT
    trap "" INT TERM HUP
    cat >"$directory/pgbouncer.ini" <<END
    [databases]
    * = host=$1 port=$2 user=postgres
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = $3
    unix_socket_dir =
    auth_type = any
    pool_mode = transaction
    default_pool_size = 2
    END
    pgbouncer -q "$directory/pgbouncer.ini" >"$directory/log" 2>&1 &
    pooler=$!
    until "$4/pg_isready" -q -h 127.0.0.1 -p "$3"
    do
      kill -0 "$pooler" 2>/dev/null || { tr '\\n' ' ' <"$directory/log"; exit 1; }
      sleep 0.05
    done
    echo ready
    read -r _ || :
    """

  /// A connection by the pooler.
  package func connect() throws -> PostgreSQLDatabase {
    try PostgreSQLDatabase(
      ConnectionParameters(
        [
          .init("host", "127.0.0.1"), .init("port", "\(port)"), .init("dbname", "postgres"),
          .init("user", "postgres"),
        ], busyTimeout: .seconds(5)))
  }
}
