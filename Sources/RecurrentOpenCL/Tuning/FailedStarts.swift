import Kernels
import RecurrentCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The grids of persistent launches that failed to start, stored beside the compiled programs. One failure may be due to
/// another process that used the device, so that only repeated ones count.
struct FailedStarts: Codable {
  /// The number of runs in which the start of a grid must fail.
  private static let limit = 3

  /// The number of runs in which the start of each grid failed.
  private(set) var runs: [GridBarrier.Grid: Int] = [:]

  /// The grids that later runs do not try.
  var repeated: Set<GridBarrier.Grid> { Set(runs.filter { $0.value >= Self.limit }.keys) }

  /// Those of a device; none if there is no record.
  static func stored(for device: OpenCLDevice, in cache: ProgramCache?) -> FailedStarts {
    guard let bytes = cache?.binary(for: key(device)),
      let failed = try? JSONDecoder().decode(FailedStarts.self, from: Data(bytes))
    else { return FailedStarts() }
    return failed
  }

  /// Adds the failure of a grid in this run.
  static func add(_ grid: GridBarrier.Grid, of device: OpenCLDevice, to cache: ProgramCache?) -> FailedStarts {
    var failed = stored(for: device, in: cache)
    failed.runs[grid, default: 0] += 1
    failed.store(for: device, in: cache)
    return failed
  }

  /// Stores it. Where it cannot be kept, the next run finds the same.
  func store(for device: OpenCLDevice, in cache: ProgramCache?) {
    guard let bytes = try? JSONEncoder().encode(self) else { return }
    cache?.store([UInt8](bytes), for: Self.key(device))
  }

  private static func key(_ device: OpenCLDevice) -> String {
    ["failed starts", device.identity, String(kernelSourceHash(), radix: 16)].joined(separator: "\u{0}")
  }
}
