internal import COpenSSL
internal import Glibc

/// The client side of TLS over a non-blocking socket.
@safe package final class TLSStream {
  /// The result of a call.
  package enum Progress: Equatable, Sendable {
    /// The number of bytes transferred; 0 for a completed handshake.
    case done(Int)
    /// Call again when the socket is readable, or writable.
    case wantsRead, wantsWrite
    /// The server closed the connection.
    case closed
  }

  private let handle: OpaquePointer
  private let context: TLSContext

  private var crypto: UnsafePointer<regctl_libcrypto> { unsafe context.crypto }
  private var ssl: UnsafePointer<regctl_libssl> { unsafe context.ssl }

  /// Prepares a handshake with a server given by name, or by an address literal.
  ///
  /// Only subject alternative names are checked, never the common name (RFC 6125, section 6.4.4);
  /// for a literal the certificate must contain the address (RFC 6125, section 1.7.2).
  package init(
    _ context: TLSContext, descriptor: Int32, server: String, isAddress: Bool
  ) throws(TLSError) {
    let (crypto, ssl) = unsafe (context.crypto, context.ssl)
    guard let handle = unsafe ssl.pointee.SSL_new(context.handle) else {
      throw .failure(reason: "libssl has no connection")
    }
    unsafe self.handle = handle
    self.context = context
    let parameters = unsafe ssl.pointee.SSL_get0_param(handle)
    unsafe crypto.pointee.X509_VERIFY_PARAM_set_hostflags(
      parameters,
      UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    let isNamed =
      unsafe isAddress
      ? crypto.pointee.X509_VERIFY_PARAM_set1_ip_asc(parameters, server) == 1
      : crypto.pointee.X509_VERIFY_PARAM_set1_host(parameters, server, server.utf8.count) == 1
        && Self.request(server, handle, ssl)
    guard unsafe isNamed && ssl.pointee.SSL_set_fd(handle, descriptor) == 1 else {
      throw .failure(reason: "the server's name cannot be verified")
    }
  }

  deinit { unsafe ssl.pointee.SSL_free(handle) }

  /// Names the server in the handshake. The corresponding C macro is `SSL_set_tlsext_host_name`.
  private static func request(
    _ server: String, _ handle: OpaquePointer, _ ssl: UnsafePointer<regctl_libssl>
  ) -> Bool {
    var name = Array(server.utf8CString)
    return unsafe ssl.pointee.SSL_ctrl(
      handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name) == 1
  }

  /// Continues the handshake. The corresponding C function is `SSL_connect`.
  package func handshake() throws(TLSError) -> Progress {
    unsafe crypto.pointee.ERR_clear_error()
    let code = unsafe ssl.pointee.SSL_connect(handle)
    if code == 1 { return .done(0) }
    return try progress(after: code, during: "handshake")
  }

  /// Reads available bytes into a buffer. The corresponding C function is `SSL_read`.
  package func read(into buffer: inout [UInt8]) throws(TLSError) -> Progress {
    unsafe crypto.pointee.ERR_clear_error()
    let count = unsafe ssl.pointee.SSL_read(handle, &buffer, Int32(buffer.count))
    if count > 0 { return .done(Int(count)) }
    return try progress(after: count, during: "connection")
  }

  /// Writes as much as the socket accepts. The corresponding C function is `SSL_write`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) -> Progress {
    unsafe crypto.pointee.ERR_clear_error()
    let count = unsafe ssl.pointee.SSL_write(
      handle, bytes.baseAddress, Int32(clamping: bytes.count))
    if count > 0 { return .done(Int(count)) }
    return try progress(after: count, during: "connection")
  }

  /// Sends a close notification without waiting for the server's.
  package func close() { unsafe _ = ssl.pointee.SSL_shutdown(handle) }

  private func progress(after code: Int32, during step: String) throws(TLSError) -> Progress {
    switch unsafe ssl.pointee.SSL_get_error(handle, code) {
    case SSL_ERROR_WANT_READ: return .wantsRead
    case SSL_ERROR_WANT_WRITE: return .wantsWrite
    case SSL_ERROR_ZERO_RETURN: return .closed
    default: break
    }
    let verification = unsafe ssl.pointee.SSL_get_verify_result(handle)
    if verification != X509_V_OK {
      throw .certificate(
        reason: unsafe Self.text(crypto.pointee.X509_verify_cert_error_string(verification)))
    }
    let error = unsafe crypto.pointee.ERR_peek_last_error()
    if error != 0, let reason = unsafe crypto.pointee.ERR_reason_error_string(error) {
      throw .failure(reason: unsafe Self.text(reason))
    }
    throw .failure(reason: "the server closed the connection in the TLS \(step)")
  }

  /// A text of OpenSSL; the declarations do not say that it is always there.
  private static func text(_ text: UnsafePointer<CChar>?) -> String {
    unsafe text.map { unsafe String(cString: $0) } ?? ""
  }

  // MARK: Server

  /// The protocol in use, such as `TLSv1.3`.
  package var version: String { unsafe Self.text(ssl.pointee.SSL_get_version(handle)) }

  /// The contents of the server's certificate.
  package struct Certificate: Equatable, Sendable {
    package let subject: String
    package let issuer: String

    /// The last second of its validity, in seconds since 1970.
    package let validUntil: Int64
  }

  /// The certificate presented by the server.
  package var certificate: Certificate? {
    guard let certificate = unsafe ssl.pointee.SSL_get1_peer_certificate(handle) else { return nil }
    defer { unsafe crypto.pointee.X509_free(certificate) }
    var fields = unsafe tm()
    guard
      unsafe crypto.pointee.ASN1_TIME_to_tm(crypto.pointee.X509_get0_notAfter(certificate), &fields)
        == 1
    else { return nil }
    return unsafe Certificate(
      subject: commonName(of: crypto.pointee.X509_get_subject_name(certificate)),
      issuer: commonName(of: crypto.pointee.X509_get_issuer_name(certificate)),
      validUntil: Int64(timegm(&fields)))
  }

  private func commonName(of name: OpaquePointer?) -> String {
    for identifier in [NID_commonName, NID_organizationName] {
      var text = [CChar](repeating: 0, count: 256)
      let count = unsafe crypto.pointee.X509_NAME_get_text_by_NID(name, identifier, &text, 256)
      if count > 0 {
        return String(
          decoding: text.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
    }
    return ""
  }
}
