// Optimizer steps as in PyTorch, one work-item per parameter. The host passes constants that depend only on the step.

// Element i of the gradients belongs to parameter i; or, for gradients of some rows of `width` columns, to row `rows[i
// / width]`.
#define PARAMETER                                                                                                          \
  long i = get_global_id(0);                                                                                               \
  if (i >= count) return;                                                                                                  \
  float gradient = gradients[gradientsStart + i];                                                                          \
  if (width) i = (long)rows[rowsStart + i / width] * width + i % width;                                                    \
  parameters += parametersStart;                                                                                           \
  float value = parameters[i]

#define RUN(x) global float *x, long x##Start
#define CHOSEN INDICES(rows), int width
#define STATE(x) x[x##Start + i]

kernel void sgd(RUN(parameters), RUN(gradients), CHOSEN, RUN(velocity), int count, float rate, float decay, float momentum,
                float dampening, int nesterov, int isFirst) {
  PARAMETER;
  gradient = fma(decay, value, gradient);
  if (momentum != 0) {
    float moved = isFirst ? gradient : momentum * STATE(velocity) + (1 - dampening) * gradient;
    STATE(velocity) = moved;
    gradient = nesterov ? gradient + momentum * moved : moved;
  }
  parameters[i] = value - rate * gradient;
}

// `stepSize` is η / (1 − β₁ᵗ), `root` is √(1 − β₂ᵗ).
kernel void adam(RUN(parameters), RUN(gradients), CHOSEN, RUN(first), RUN(second), int count, float rate, float decay,
                 int decoupled, float beta1, float rest1, float beta2, float rest2, float epsilon, float stepSize,
                 float root) {
  PARAMETER;
  if (decoupled)
    value *= 1 - rate * decay;
  else
    gradient = fma(decay, value, gradient);
  float m = STATE(first) = STATE(first) + rest1 * (gradient - STATE(first));
  float v = STATE(second) = beta2 * STATE(second) + rest2 * gradient * gradient;
  parameters[i] = value - stepSize * (m / (sqrt(v) / root + epsilon));
}

kernel void rmsprop(RUN(parameters), RUN(gradients), CHOSEN, RUN(square), RUN(velocity), RUN(mean), int count, float rate,
                    float decay, float alpha, float rest, float epsilon, float momentum, int centered) {
  PARAMETER;
  gradient = fma(decay, value, gradient);
  float average = STATE(square) = alpha * STATE(square) + rest * gradient * gradient;
  if (centered) {
    float m = STATE(mean) = STATE(mean) + rest * (gradient - STATE(mean));
    average -= m * m;
    average = average < 0 ? 0 : average;  // rounding may take it there; NaN stays
  }
  float change = gradient / (sqrt(average) + epsilon);
  if (momentum != 0) change = STATE(velocity) = momentum * STATE(velocity) + change;
  parameters[i] = value - rate * change;
}

kernel void adagrad(RUN(parameters), RUN(gradients), CHOSEN, RUN(sum), int count, float rate, float decay, float epsilon) {
  PARAMETER;
  gradient = fma(decay, value, gradient);
  float total = STATE(sum) = STATE(sum) + gradient * gradient;
  parameters[i] = value - rate * (gradient / (sqrt(total) + epsilon));
}
