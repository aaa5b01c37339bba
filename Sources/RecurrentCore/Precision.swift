/// What the factors of large matrix products are rounded to. Everything else, sums included, is float32 in any case.
public enum Precision: String, CaseIterable, Sendable, Hashable {
  /// Not rounded.
  case float32
  /// 10 bits after the point, to the nearest, ties away from 0, and float32's range: TensorFloat-32.
  case tf32
  /// 7 bits after the point, to the nearest, ties to even, and float32's range: bfloat16.
  case bf16
}
