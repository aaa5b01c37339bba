// swift-tools-version: 6.1
import PackageDescription

/// Tests whose own code computes little: to optimize it takes a minute or two of a release build. No product has these targets.
let notOptimized: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

// MARK: - Public products

let package = Package(
  name: "recur",
  products: [
    .library(name: "Recurrent", targets: ["Recurrent"]),
    .library(name: "RecurrentCore", targets: ["RecurrentCore"]),
    .executable(name: "recur", targets: ["recur"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // MARK: - What users import, and the command line

    .target(
      name: "Recurrent",
      dependencies: [
        "RecurrentModel", "RecurrentTasks", "RecurrentData", "RecurrentCore", "RecurrentReference", "RecurrentCheck",
        "RecurrentCPU", "RecurrentOpenCL", "Kernels",
      ]),
    .executableTarget(
      name: "recur",
      dependencies: [
        "Recurrent", "RecurrentTasks", "RecurrentModel", "RecurrentData", "RecurrentBenchmarks", "RecurrentCheck",
        "RecurrentCore", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: - Tasks: a folder each; the options of their commands

    .target(
      name: "RecurrentTasks",
      dependencies: [
        "RecurrentModel", "RecurrentData", "RecurrentCore",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: - The model layer: names no backend

    .target(name: "RecurrentModel", dependencies: ["RecurrentData", "RecurrentCore"]),

    // MARK: - Files, vocabularies, examples and series, on the host

    .target(name: "RecurrentData", dependencies: ["RecurrentCore"]),

    // MARK: - The contract and the backends behind it

    .target(name: "RecurrentCore"),
    .target(name: "RecurrentReference", dependencies: ["RecurrentCore"]),
    .target(name: "RecurrentCheck", dependencies: ["RecurrentCore", "RecurrentReference"]),
    .target(name: "RecurrentCPU", dependencies: ["RecurrentCore", "Kernels"]),
    .target(name: "RecurrentOpenCL", dependencies: ["RecurrentCore", "Kernels", "COpenCL"]),

    // MARK: - C: hand-written kernels, and the table of OpenCL's functions

    .target(name: "Kernels", path: "Kernels", exclude: ["opencl"]),
    .target(name: "COpenCL"),

    // MARK: - Benchmarks: `recur bench` is their face

    .target(
      name: "RecurrentBenchmarks", dependencies: ["Recurrent", "RecurrentCore", "RecurrentCPU"], path: "Benchmarks",
      exclude: [
        "compare.py", "opencl_cpu.py", "gpu.sh", "gpu_page.py", "train_text.py", "train_forecast.py", "peers",
        "results",
      ]),

    // MARK: - Tests

    .target(
      name: "TestSupport",
      dependencies: ["Recurrent", "RecurrentReference", "RecurrentCheck", "RecurrentCPU", "RecurrentOpenCL"],
      path: "Tests/TestSupport"),
    .testTarget(
      name: "KernelTests", dependencies: ["Kernels", "RecurrentCore", "RecurrentCPU"],
      exclude: ["portable", "gpu"]),
    .testTarget(name: "DataTests", dependencies: ["RecurrentData", "RecurrentCore"], swiftSettings: notOptimized),
    .executableTarget(
      name: "gpu-programs", dependencies: ["RecurrentOpenCL", "RecurrentCore"],
      path: "Tests/KernelTests/gpu", exclude: ["compile.py"]),
    .testTarget(
      name: "BackendTests",
      dependencies: [
        "RecurrentReference", "RecurrentCheck", "RecurrentCPU", "RecurrentOpenCL", "TestSupport",
      ],
      exclude: ["oclgrind.sh"]),
    .target(
      name: "FuzzTargets",
      dependencies: ["Recurrent", "RecurrentCore", "RecurrentModel", "RecurrentTasks", "RecurrentOpenCL"],
      path: "Tests/Fuzz/Targets"),
    .testTarget(
      name: "RecurrentTests",
      dependencies: [
        "Recurrent", "RecurrentTasks", "RecurrentBenchmarks", "RecurrentReference", "TestSupport", "FuzzTargets",
      ],
      swiftSettings: notOptimized),
    .testTarget(
      name: "CommandTests", dependencies: ["recur", "RecurrentTasks", "TestSupport"],
      exclude: ["FaultyOpenCL", "FaultySystem"],
      swiftSettings: notOptimized),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)

// Links with libFuzzer's runtime only, so it is not there in an ordinary build: see Tests/Fuzz/fuzz.sh.
if Context.environment["RECUR_FUZZ"] != nil {
  package.products.append(.executable(name: "fuzz", targets: ["fuzz"]))
  package.targets.append(.executableTarget(name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver"))
}
