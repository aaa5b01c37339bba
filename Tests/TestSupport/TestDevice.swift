import RecurrentCPU
import RecurrentCore
import RecurrentOpenCL
import Synchronization

/// A device under test. Tests run beside each other, a backend belongs to one thread at a time: so each has its lock, and
/// its backend is made once.
public final class TestDevice: Sendable, CustomStringConvertible {
  /// The device's identifier, with what sets it apart.
  public let description: String
  private let make: @Sendable () throws -> any Backend
  private let backend = Mutex<(any Backend)?>(nil)

  /// A device whose backend `make` makes when it is first asked for.
  public init(_ description: String, make: @escaping @Sendable () throws -> any Backend) {
    self.description = description
    self.make = make
  }

  /// Runs `body` on the backend while nobody else does.
  public func run<Result: Sendable>(_ body: (any Backend) throws -> Result) throws -> Result {
    try backend.withLock { backend in
      let ready = try backend ?? make()
      backend = ready
      return try body(ready)
    }
  }

  /// The native CPU at every level this machine has, the best one with one thread and more, then every OpenCL device but
  /// simulators, which take a hundred times as long.
  public static let all: [TestDevice] = cpu + openCL

  /// All of them, and every OpenCL device once more in the style of kernels that it does not take by itself.
  public static let bothStyles: [TestDevice] =
    all
    + openCLDevices.flatMap { device in
      KernelStyle.Kind.allCases.filter { !kernels(of: device).hasPrefix($0.rawValue) }.map { style in
        TestDevice("\(device.identifier) \(device.name) \(style)") {
          let place = place(of: device)
          return try OpenCLBackend(platform: place[0], device: place[1], style: style)
        }
      }
    }

  /// The native CPU, and every OpenCL device in each style of kernels and each tier that all devices have: for cells, which
  /// have tiers. A device that is not tuned takes these; one that is tuned runs once more as it is.
  public static let everyTier: [TestDevice] =
    cpu + zip(openCLDevices, openCL).filter { !kernels(of: $0.0).contains("not tuned") }.map(\.1)
    + (openCLDevices.isEmpty ? openCL : [])
    + openCLDevices.flatMap { device in
      KernelStyle.Kind.allCases.flatMap { style in
        [Tier.step, .sequence].map { tier in
          TestDevice("\(device.identifier) \(device.name) \(style) \(tier)") {
            let place = place(of: device)
            return try OpenCLBackend(platform: place[0], device: place[1], style: style, tier: tier)
          }
        }
      }
    }

  /// The style of the kernels that a device takes by itself, and whether it is tuned.
  private static func kernels(of device: DeviceDescription) -> String { device.capabilities["kernels"] ?? "" }

  private static let isQuick = TestExtent.current == .quick

  private static let cpu: [TestDevice] = CPULevel.allCases.filter(\.isSupported).flatMap { level in
    (level == .best ? (isQuick ? [2] : [1, 2, 3]) : (isQuick ? [] : [2])).map { (threads: Int) in
      TestDevice("cpu \(level) × \(threads)") { try CPUBackend(level: level, threads: threads) }
    }
  }

  private static let openCLDevices =
    isQuick
    ? []
    : ((try? OpenCLBackend.devices()) ?? []).filter { !($0.name + $0.driver).contains("Oclgrind") }

  private static func place(of device: DeviceDescription) -> [Int] {
    device.identifier.split(separator: ":").compactMap { Int($0) }
  }

  /// Where there is no OpenCL device, one that throws: tests fail, they do not skip.
  private static let openCL: [TestDevice] = {
    guard !isQuick else { return [] }
    guard !openCLDevices.isEmpty else {
      return [
        TestDevice("opencl") {
          throw RecurrentError(
            .device, "there is no OpenCL device to test", at: "OpenCL", remedy: "run `make test`, which installs PoCL")
        }
      ]
    }
    return openCLDevices.map { device in
      TestDevice("\(device.identifier) \(device.name)") {
        let place = place(of: device)
        return try OpenCLBackend(platform: place[0], device: place[1])
      }
    }
  }()
}
