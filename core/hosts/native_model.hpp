#pragma once
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "variant.hpp"

// A model in a process: its memory, and the threads that work on it and sleep when there is nothing to do.

/// One pair serves all sleepers of the process.
inline pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
inline pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

inline void sleep_at(const uint32_t* word, uint32_t seen) {
  pthread_mutex_lock(&mutex);
  while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == seen) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
}

inline void wake_all(const uint32_t*) {
  pthread_mutex_lock(&mutex);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
}

inline const CoreHost host{sleep_at, wake_all};

constexpr uint32_t threads_at_most = 256;

/// Zeroed memory. Where the system has large pages it is asked for them: a step touches every page many times.
inline void* allocate(uint64_t bytes) {
  constexpr uint64_t page = 2 << 20;
  void* memory = nullptr;
  if (posix_memalign(&memory, page, (bytes + page - 1) / page * page) != 0) return nullptr;
#if defined(__linux__)
  madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memset(memory, 0, bytes);
}

/// One open model: its memory and its helper threads.
struct Open {
  const CoreVariant* set;
  void* memory;
  uint32_t helpers;
  pthread_t threads[threads_at_most];
};

inline void* serve(void* open) {
  ((Open*)open)->set->serve(((Open*)open)->memory);
  return nullptr;
}

inline void close_model(Open* open) {
  if (!open->memory) return;
  open->set->stop(open->memory);
  for (uint32_t i = 0; i < open->helpers; i++) pthread_join(open->threads[i], nullptr);
  free(open->memory);
  open->memory = nullptr;
}

/// Threads that cannot be started are done without: results do not depend on their number.
inline Open* start(const CoreVariant* set, const double* plan, uint32_t threads) {
  Open* open = (Open*)calloc(1, sizeof(Open));
  void* memory = open ? allocate(set->size(plan)) : nullptr;
  if (!memory) return free(open), nullptr;
  open->set = set, open->memory = memory;
  set->create(plan, open->memory, &host);
  for (uint32_t i = 1; i < threads && i < threads_at_most; i++)
    if (pthread_create(&open->threads[open->helpers], nullptr, serve, open) == 0) open->helpers++;
  return open;
}
