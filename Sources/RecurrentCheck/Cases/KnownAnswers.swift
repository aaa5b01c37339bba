extension ParityCase {
  /// The cases that a driver must pass before it is used: each kernel of a backend takes part in at least one, with
  /// shapes so small that a single value that is off by a hundredth is detected. Basic operations come first.
  ///
  /// A subset of the quick cases with as few programs as possible, since each is compiled at the first use of a driver.
  package static let knownAnswers: [ParityCase] = {
    let cases = all(size: .quick)
    return knownEndings.flatMap { operation, ending in
      cases.filter { $0.operation == operation && $0.name.hasSuffix(ending) }
    }
  }()

  /// The operations of the cases, and the ends of their names.
  static let knownEndings = [
    ("memory", "3×17"), ("elementwise", " 3×17 set strided"), ("elementwise", "swap axes 17×17 set strided"),
    ("elementwise", "clip by value 3×17"),
    ("map", " 3×17×3 packed add"), ("map", " 17×3×17 packed set"), ("map", " along 2 set strided"),
    ("map", " operand 0 transposed set"), ("map", " 3×5×40 along 2 set packed"),
    ("fold", "fold copy 17×3×17 over 012 strided add"), ("fold", "fold copy 17×17×17 over 0 permuted set"),
    ("fold", "maxima of 3×17×17 over 02 permuted"),
    ("fold", "maxima of 3×3×40 over 2 strided"),
    ("matmul", " 3×17×17 A Bᵀ set batch 3 in turn strided"), ("matmul", " 17×17×17 A Bᵀ set batch 3 strided"),
    ("matmul", " 17×17×17 Aᵀ B set single strided"), ("matmul", " 17×17×530 Aᵀ B add single strided"),
    ("reduce", "reduce 3×17 sum over all set strided"),
    ("reduce", "reduce 17×17 sumOfSquares over rows add strided"), ("reduce", "clip 33 by the norm 0.5"),
    ("reduce", " 17×3×17 lengths set strided"), ("reduce", "flag of 3×17 finite"), ("reduce", "flag of 3×17 NaN"),
    ("embedding", " 17 of 17×17 add strided"),
    ("random", "dropout 3×17 0.3 in place strided"), ("softmax", "softmax 3×17 masked set wide strided lengths of 1"),
    ("softmax", "softmax backward 17×17 set strided"), ("attention", " 1×3 of 1×17 all add packed"),
    ("layernorm", " 17×3 gain all set strided"),
    ("loss", " 17×17 plain set strided"), ("crf", " 3×3×17 lengths set strided"),
    ("optimizer", " of 17, weight decay 0.1"), ("elman", " lookup own"),
    ("lstm", " lookup own"), ("gru", " lookup own"),
  ]
}
