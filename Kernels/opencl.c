// Embeds the OpenCL kernels: one array per file, and a lookup by file name.
#include "KernelSource.h"

#include <stddef.h>
#include <string.h>

static const char commonSource[] = {
#embed "opencl/common.cl"
    , 0};
static const char tileSource[] = {
#embed "opencl/tile.cl"
    , 0};
static const char matmulSource[] = {
#embed "opencl/matmul.cl"
    , 0};
static const char mmaSource[] = {
#embed "opencl/mma.cl"
    , 0};
static const char warpSource[] = {
#embed "opencl/warp.cl"
    , 0};
static const char packSource[] = {
#embed "opencl/pack.cl"
    , 0};
static const char dotsSource[] = {
#embed "opencl/dots.cl"
    , 0};
static const char elementwiseSource[] = {
#embed "opencl/elementwise.cl"
    , 0};
static const char stridedSource[] = {
#embed "opencl/strided.cl"
    , 0};
static const char functionSource[] = {
#embed "opencl/function.cl"
    , 0};
static const char mapSource[] = {
#embed "opencl/map.cl"
    , 0};
static const char foldSource[] = {
#embed "opencl/fold.cl"
    , 0};
static const char maximaSource[] = {
#embed "opencl/maxima.cl"
    , 0};
static const char scanSource[] = {
#embed "opencl/scan.cl"
    , 0};
static const char transposeSource[] = {
#embed "opencl/transpose.cl"
    , 0};
static const char randomSource[] = {
#embed "opencl/random.cl"
    , 0};
static const char rowSource[] = {
#embed "opencl/row.cl"
    , 0};
static const char reduceSource[] = {
#embed "opencl/reduce.cl"
    , 0};
static const char softmaxSource[] = {
#embed "opencl/softmax.cl"
    , 0};
static const char layernormSource[] = {
#embed "opencl/layernorm.cl"
    , 0};
static const char attentionSource[] = {
#embed "opencl/attention.cl"
    , 0};
static const char lossSource[] = {
#embed "opencl/loss.cl"
    , 0};
static const char crfSource[] = {
#embed "opencl/crf.cl"
    , 0};
static const char embeddingSource[] = {
#embed "opencl/embedding.cl"
    , 0};
static const char optimizerSource[] = {
#embed "opencl/optimizer.cl"
    , 0};
static const char barrierSource[] = {
#embed "opencl/barrier.cl"
    , 0};
static const char residentSource[] = {
#embed "opencl/resident.cl"
    , 0};
static const char cellSource[] = {
#embed "opencl/cell.cl"
    , 0};
static const char elmanSource[] = {
#embed "opencl/elman.cl"
    , 0};
static const char lstmSource[] = {
#embed "opencl/lstm.cl"
    , 0};
static const char gruSource[] = {
#embed "opencl/gru.cl"
    , 0};
static const char peakSource[] = {
#embed "opencl/peak.cl"
    , 0};
static const char probeSource[] = {
#embed "opencl/probe.cl"
    , 0};

static const struct {
  const char *name, *text;
} files[] = {
    {"common", commonSource},
    {"tile", tileSource},
    {"matmul", matmulSource},
    {"mma", mmaSource},
    {"warp", warpSource},
    {"pack", packSource},
    {"dots", dotsSource},
    {"elementwise", elementwiseSource},
    {"strided", stridedSource},
    {"function", functionSource},
    {"map", mapSource},
    {"fold", foldSource},
    {"maxima", maximaSource},
    {"scan", scanSource},
    {"transpose", transposeSource},
    {"random", randomSource},
    {"row", rowSource},
    {"reduce", reduceSource},
    {"softmax", softmaxSource},
    {"layernorm", layernormSource},
    {"attention", attentionSource},
    {"loss", lossSource},
    {"crf", crfSource},
    {"embedding", embeddingSource},
    {"optimizer", optimizerSource},
    {"barrier", barrierSource},
    {"resident", residentSource},
    {"cell", cellSource},
    {"elman", elmanSource},
    {"lstm", lstmSource},
    {"gru", gruSource},
    {"probe", probeSource},
    {"peak", peakSource},
};

const char *kernelSource(const char *name) {
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    if (strcmp(files[i].name, name) == 0) return files[i].text;
  return NULL;
}

// FNV-1a, 64 bits.
uint64_t kernelSourceHash(void) {
  uint64_t hash = 0xCBF29CE484222325;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    for (const char *text = files[i].text; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001B3;
  return hash;
}
