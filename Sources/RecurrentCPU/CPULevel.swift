import Kernels

/// An instruction set for which the kernels are compiled.
public enum CPULevel: String, CaseIterable, Sendable {
  #if arch(arm64)
    /// 64-bit Arm, vectors of 4 floats.
    case neon
  #else
    /// The baseline of the architecture: SSE2 on x86-64, vectors of 4 floats.
    case baseline
    /// AVX2 and FMA, vectors of 8 floats.
    case avx2
    /// AVX-512 F, DQ, BW and VL, vectors of 16 floats.
    case avx512
  #endif

  /// Whether this processor supports it.
  public var isSupported: Bool { cpuKernels(rawValue) != nil }

  /// The widest that this processor supports.
  public static var best: CPULevel { allCases.last { $0.isSupported } ?? allCases[0] }
}
