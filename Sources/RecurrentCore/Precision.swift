/// The precision to which the factors of large matrix products are rounded. Sums and all other values are float32.
public enum Precision: String, CaseIterable, Sendable, Hashable {
  /// Not rounded.
  case float32
  /// TensorFloat-32: a mantissa of 10 bits, rounded to nearest, ties away from 0, with float32's range.
  case tf32
  /// bfloat16: a mantissa of 7 bits, rounded to nearest, ties to even, with float32's range.
  case bf16
}
