// Optimizer steps over a run of parameters, as in PyTorch. `decay` adds parameters to gradients (L2).

static void NAME(sgd)(
  float *p, const float *g, float *momentum, size_t count, float rate, float decay, float factor, float dampening,
  int nesterov, int isFirst) {
  EACH_VECTOR(i, n, count) {
    vec parameter = NAME(load)(p + i, n), gradient = NAME(load)(g + i, n) + decay * parameter;
    if (momentum) {
      vec m = isFirst ? gradient : NAME(load)(momentum + i, n) * factor + gradient * (1.0f - dampening);
      NAME(store)(momentum + i, m, n);
      gradient = nesterov ? gradient + factor * m : m;
    }
    NAME(store)(p + i, parameter - rate * gradient, n);
  }
}

// `shrink` is the decoupled weight decay of the parameter; `rootCorrection` is √(1 − β₂ᵗ), `stepSize` η / (1 − β₁ᵗ).
static void NAME(adam)(
  float *p, const float *g, float *m, float *v, size_t count, float stepSize, float decay, float shrink, float beta1,
  float beta2, float rootCorrection, float epsilon) {
  EACH_VECTOR(i, n, count) {
    vec parameter = NAME(load)(p + i, n), gradient = NAME(load)(g + i, n) + decay * parameter;
    vec first = NAME(load)(m + i, n), second = NAME(load)(v + i, n);
    first = first + (gradient - first) * (1.0f - beta1);
    second = second * beta2 + gradient * gradient * (1.0f - beta2);
    NAME(store)(m + i, first, n);
    NAME(store)(v + i, second, n);
    vec root = __builtin_elementwise_sqrt(second) / rootCorrection + epsilon;
    NAME(store)(p + i, parameter * shrink - stepSize * (first / root), n);
  }
}

static void NAME(rmsprop)(
  float *p, const float *g, float *square, float *momentum, float *mean, size_t count, float rate, float decay,
  float alpha, float epsilon, float factor) {
  EACH_VECTOR(i, n, count) {
    vec parameter = NAME(load)(p + i, n), gradient = NAME(load)(g + i, n) + decay * parameter;
    vec s = NAME(load)(square + i, n) * alpha + gradient * gradient * (1.0f - alpha);
    NAME(store)(square + i, s, n);
    if (mean) {
      vec average = NAME(load)(mean + i, n);
      average = average + (gradient - average) * (1.0f - alpha);
      NAME(store)(mean + i, average, n);
      s -= average * average;
      s = s < 0 ? (vec)0.0f : s;  // rounding may take it there; NaN stays
    }
    vec change = gradient / (__builtin_elementwise_sqrt(s) + epsilon);
    if (momentum) {
      change += NAME(load)(momentum + i, n) * factor;
      NAME(store)(momentum + i, change, n);
    }
    NAME(store)(p + i, parameter - rate * change, n);
  }
}

static void NAME(adagrad)(
  float *p, const float *g, float *square, size_t count, float rate, float decay, float epsilon) {
  EACH_VECTOR(i, n, count) {
    vec parameter = NAME(load)(p + i, n), gradient = NAME(load)(g + i, n) + decay * parameter;
    vec s = NAME(load)(square + i, n) + gradient * gradient;
    NAME(store)(square + i, s, n);
    NAME(store)(p + i, parameter - rate * gradient / (__builtin_elementwise_sqrt(s) + epsilon), n);
  }
}
