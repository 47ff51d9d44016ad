/**
 * The variables that child processes inherit: those that programs, libraries, engines and downloads through a proxy look at. A child
 * process reads untrusted bytes, so it gets nothing else of the environment, which may hold passwords and keys.
 */
const INHERITED = [
  /^(PATH|HOME|USER|LOGNAME|SHELL|TZ|TZDIR|LANG|LANGUAGE|LC_\w+|TMPDIR|TMP|TEMP|XDG_\w+|TERM|NO_COLOR|FORCE_COLOR)$/,
  /^(LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+|MALLOC_\w+|GLIBC_TUNABLES|ASAN_OPTIONS|UBSAN_OPTIONS|TSAN_OPTIONS|LSAN_OPTIONS)$/,
  /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_USE_ENV_PROXY|NODE_USE_SYSTEM_CA|NODE_TLS_\w+|SSL_CERT_FILE|SSL_CERT_DIR|OPENSSL_CONF)$/,
  /^((https?|all|no)_proxy)$/i,
  // TF_VAR_ and TF_TOKEN_ are Terraform's, and secrets.
  /^(TF_(?!VAR_|TOKEN_)\w+|XLA_\w+|TPU_\w+|CUDA_\w+|CUDNN_\w+|NVIDIA_\w+|NCCL_\w+|OMP_\w+|GOMP_\w+|KMP_\w+|MKL_\w+|DNNL_\w+|ONEDNN_\w+)$/,
];

export const isInherited = (name: string): boolean => INHERITED.some((allowed) => allowed.test(name));
