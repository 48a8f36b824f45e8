/// How to connect to a server, and how long to wait for it.
package struct ConnectionParameters: Sendable {
  /// A keyword of libpq and its value.
  ///
  /// See <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS>.
  package struct Setting: Sendable {
    package let keyword: String
    package let value: String

    /// A keyword of libpq with a value, which may be a secret.
    package init(_ keyword: String, _ value: String) {
      self.keyword = keyword
      self.value = value
    }
  }

  private let given: [Setting]

  /// How long connecting may take, with all hosts. It does not limit the resolution of the host's name, which the
  /// resolver of the C library limits.
  package var connectTimeout = Duration.seconds(10)

  /// How long a statement waits for the locks of others.
  package var busyTimeout: Duration

  /// How long the server may be silent after that. Then the connection is given up.
  package var silenceTimeout = Duration.seconds(20)

  /// How long the result of a commit is sought after the connection was lost.
  package var lookupTimeout = Duration.seconds(10)

  /// Parameters with settings of libpq, which replace defaults.
  package init(_ settings: [Setting], busyTimeout: Duration) {
    given = settings
    self.busyTimeout = busyTimeout
  }

  /// How long a call waits for its answer.
  var answerTimeout: Duration { busyTimeout + silenceTimeout }

  /// What applies unless the settings say otherwise: no attempt at GSS encryption, which takes a
  /// round trip, and a network that is gone is noticed within half a minute.
  private static let defaults = [
    Setting("gssencmode", "disable"), Setting("keepalives_idle", "10"),
    Setting("keepalives_interval", "5"), Setting("keepalives_count", "3"),
    Setting("tcp_user_timeout", "20000"),
  ]

  /// What applies always: strings are UTF-8.
  private static let fixed = [Setting("client_encoding", "UTF8")]

  /// The settings as libpq gets them: of two with the same keyword, the last one applies.
  package var settings: [Setting] { Self.defaults + given + Self.fixed }
}
