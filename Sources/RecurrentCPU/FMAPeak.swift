import Kernels
import RecurrentCore

/// The peak rate: multiply-adds on registers, with the widest instruction set of the processor.
package struct FMAPeak {
  private let backend: CPUBackend

  /// Prepares `threads` threads for the measurement.
  /// - Throws: `RecurrentError` as `CPUBackend` does.
  package init(threads: Int) throws {
    backend = try CPUBackend(threads: threads)
  }

  /// Billions of floating-point operations per second of the threads, measured now; a multiply-add counts as two. Takes
  /// about `seconds`.
  package func measure(seconds: Double = 0.02) -> Double { backend.measurePeak(seconds: seconds) }
}

extension CPUBackend {
  /// Billions of floating-point operations per second of the backend's threads with its instruction set, measured now;
  /// a multiply-add counts as two. Takes about `seconds`.
  package func measurePeak(seconds: Double) -> Double {
    let probe = 200_000
    let count = max(probe, Int(Double(probe) * seconds / max(peakTime(probe), 1e-6)))
    return Double(24 * kernels.width * count * pool.count) / peakTime(count) / 1e9
  }

  private func peakTime(_ count: Int) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    pool.split(pool.count, partsPerThread: 1) { _ in _ = kernels.peak(count, 1e-9) }
    return (clock.now - start).seconds
  }
}
