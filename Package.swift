// swift-tools-version: 6.3

import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  // One call into the regular expression engine links all of it: 3 MB, and half a millisecond of
  // relocations at each start.
  .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"]),
]

/// Loading took a third of a short command's time. So the C++ library, of which the Swift runtime
/// needs little, is linked statically, and relocations are packed. All symbols are bound at start,
/// so that the table of their addresses is read-only before any input is read.
let linkerSettings: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-L\(Context.packageDirectory)/Sources/Packaging/linking",
      "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
      "-Xlinker", "-z", "-Xlinker", "now",
    ], .when(configuration: .release))
]

/// Tests read C strings and run processes; they keep all settings except strict memory safety.
let testSettings = Array(swiftSettings.dropLast(3)) + [.treatAllWarnings(as: .error)]

let package = Package(
  name: "regctl",
  products: [.executable(name: "regctl", targets: ["regctl"])],
  targets: [
    // Declarations that the Glibc module leaves out.
    .systemLibrary(name: "CGlibc"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    // Without pkg-config, which would link libcrypto: the module OpenSSL loads it at its first use.
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    // Without pkg-config, for the same reason.
    .systemLibrary(name: "CPQ", providers: [.apt(["libpq-dev"])]),
    // Likewise: the module IDN2 loads it for an international domain.
    .systemLibrary(name: "CIDN2", providers: [.apt(["libidn2-dev"])]),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    .target(name: "Base", swiftSettings: swiftSettings),
    .target(name: "System", dependencies: ["Base", "CGlibc"], swiftSettings: swiftSettings),
    .target(name: "SQL", swiftSettings: swiftSettings),
    .target(
      name: "SQLite", dependencies: ["Base", "System", "SQL", "CSQLite"],
      swiftSettings: swiftSettings),
    .target(
      name: "PostgreSQL", dependencies: ["Base", "System", "SQL", "CPQ"],
      swiftSettings: swiftSettings),
    .target(name: "OpenSSL", dependencies: ["System", "COpenSSL"], swiftSettings: swiftSettings),
    .target(
      name: "IDN2", dependencies: ["Base", "System", "CIDN2"], swiftSettings: swiftSettings),
    .target(
      name: "SMTP", dependencies: ["Base", "System", "OpenSSL"], swiftSettings: swiftSettings),
    .target(
      name: "RegctlCore",
      dependencies: [
        "Base", "System", "SQL", "SQLite", "PostgreSQL", "OpenSSL", "IDN2", "SMTP", "CCrypt",
        "CZlib",
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "regctl", dependencies: ["RegctlCore", "Base", "System"],
      // Links to the scripts in `completions`, so that the program can print them anywhere.
      resources: ["_regctl", "regctl.bash", "regctl.fish"].map {
        .embedInCode("Documentation/Completions/\($0)")
      },
      swiftSettings: swiftSettings, linkerSettings: linkerSettings),

    .executableTarget(
      name: "SignerLoop", dependencies: ["RegctlCore"], path: "Tests/Benchmarks/SignerLoop",
      swiftSettings: swiftSettings),
    .target(
      name: "TestSupport", dependencies: ["System", "SQL", "SQLite", "PostgreSQL"],
      path: "Tests/TestSupport", swiftSettings: testSettings),
    .testTarget(name: "BaseTests", dependencies: ["Base"], swiftSettings: testSettings),
    .testTarget(
      name: "SystemTests", dependencies: ["System", "TestSupport"], swiftSettings: testSettings),
    .testTarget(
      name: "SQLTests", dependencies: ["SQL", "SQLite", "TestSupport"], swiftSettings: testSettings),
    .testTarget(
      name: "SQLiteTests", dependencies: ["SQL", "SQLite", "TestSupport"],
      swiftSettings: testSettings),
    .testTarget(
      name: "PostgreSQLTests", dependencies: ["PostgreSQL", "SQL", "SQLite", "TestSupport"],
      swiftSettings: testSettings),
    .testTarget(name: "OpenSSLTests", dependencies: ["OpenSSL"], swiftSettings: testSettings),
    .testTarget(name: "IDN2Tests", dependencies: ["IDN2"], swiftSettings: testSettings),
    .testTarget(name: "SMTPTests", dependencies: ["SMTP"], swiftSettings: testSettings),
    .testTarget(
      name: "RegctlCoreTests",
      dependencies: [
        "RegctlCore", "Base", "System", "SQL", "SQLite", "PostgreSQL", "SMTP", "TestSupport",
      ],
      exclude: ["Vectors"], swiftSettings: testSettings),
    .testTarget(
      name: "regctlTests",
      dependencies: [
        "regctl", "RegctlCore", "Base", "System", "SQL", "SQLite", "PostgreSQL", "TestSupport",
      ],
      swiftSettings: testSettings),
    .testTarget(
      name: "EndToEndTests", dependencies: ["regctl", "TestSupport"], exclude: ["Scripts"],
      swiftSettings: testSettings),
  ],
  swiftLanguageModes: [.v6]
)

// The fuzz targets, which Tests/Fuzz/run builds with libFuzzer.
if Context.environment["REGCTL_FUZZING"] != nil {
  package.targets.append(
    .target(
      name: "Fuzz",
      dependencies: ["Base", "System", "OpenSSL", "SMTP", "RegctlCore", "regctl"],
      path: "Tests/Fuzz", exclude: ["Corpora", "dictionary", "run"], swiftSettings: testSettings))
}
