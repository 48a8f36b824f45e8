/// Several hosts in one address.
extension ConnectionParameters {
  /// The settings of each attempt to connect, in order.
  ///
  /// There is one for each host, so that each gets its share of the time: `PQconnectPoll` does not
  /// go on to the next host when one does not answer at all, as after a loss of power. See
  /// <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS>. Lists of different
  /// lengths, which are a mistake, and hosts in random order are left to libpq.
  var attempts: [[Setting]] {
    let all = settings
    let (names, addresses, ports) = (
      all.list(of: "host"), all.list(of: "hostaddr"), all.list(of: "port")
    )
    let count = max(names.count, addresses.count)
    guard count > 1, all.value(of: "load_balance_hosts") != "random",
      [names, addresses].allSatisfy({ $0.isEmpty || $0.count == count }),
      ports.count <= 1 || ports.count == count
    else { return [all] }
    let hosts = (0..<count).map { index in
      var settings = all
      if !names.isEmpty { settings.append(Setting("host", names[index])) }
      if !addresses.isEmpty { settings.append(Setting("hostaddr", addresses[index])) }
      if ports.count > 1 { settings.append(Setting("port", ports[index])) }
      return settings
    }
    guard all.value(of: "target_session_attrs") == "prefer-standby" else { return hosts }
    return ["standby", "any"].flatMap { wanted in
      hosts.map { $0 + [Setting("target_session_attrs", wanted)] }
    }
  }

  /// Whether there are several hosts, of which the first that fits is used.
  package var hasSeveralHosts: Bool {
    max(settings.list(of: "host").count, settings.list(of: "hostaddr").count) > 1
  }

  /// The number of hosts that are tried.
  package var hostCount: Int { attempts.count }
}

extension [ConnectionParameters.Setting] {
  /// The value that applies; `nil` if it is empty or missing.
  func value(of keyword: String) -> String? {
    last { $0.keyword == keyword }.flatMap { $0.value.isEmpty ? nil : $0.value }
  }

  /// The elements of the value that applies, which may be empty; none if it is empty or missing.
  func list(of keyword: String) -> [String] {
    value(of: keyword).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    } ?? []
  }
}
