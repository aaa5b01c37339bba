import Kernels

/// An instruction set that the kernels were compiled for.
public enum CPULevel: String, CaseIterable, Sendable {
  #if arch(arm64)
    /// 64-bit Arm's vectors of 4 floats.
    case neon
  #else
    /// What every processor of the architecture has: SSE2 on x86-64, vectors of 4 floats.
    case baseline
    /// AVX2 and FMA, vectors of 8 floats.
    case avx2
    /// AVX-512 F, DQ, BW and VL, vectors of 16 floats.
    case avx512
  #endif

  /// Whether this processor has it.
  public var isSupported: Bool { cpuKernels(rawValue) != nil }

  /// The widest that this processor has.
  public static var best: CPULevel { allCases.last { $0.isSupported } ?? allCases[0] }
}
