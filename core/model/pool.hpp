#pragma once
#include "numbers/types.hpp"
#include "variant.hpp"

namespace CORE_SET {


inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Threads that share out numbered tasks. Who takes which task is chance: a task's result must depend on its number alone.
/// A helper that finds no work looks for it for some thirty microseconds, then sleeps.
struct Pool {
  static constexpr u32 patience = 3000;

  const CoreHost* host;
  u64 ticket;  // high half: the round, so that no two tickets are alike; low half: tasks not taken yet
  u32 round;   // the word at which helpers sleep
  u32 tasks, unfinished, sleepers, stopping;
  void (*body)(const void* context, u32 task);
  const void* context;

  /// Runs task(0) .. task(count - 1) on this thread and the helpers; returns when all are done.
  template <typename Task>
  void run(u32 count, const Task& task) {
    if (count == 0) return;
    body = [](const void* c, u32 n) { (*(const Task*)c)(n); };
    context = &task;
    tasks = count;
    __atomic_store_n(&unfinished, count, __ATOMIC_RELAXED);
    __atomic_store_n(&ticket, (u64)(round + 1) << 32 | count, __ATOMIC_RELEASE);
    announce();
    work();
    for (u32 left; (left = __atomic_load_n(&unfinished, __ATOMIC_ACQUIRE)) > 0;) wait_at(&unfinished, left);
  }

  /// A helper's life: until stop().
  void serve() {
    for (u32 seen = 0; !__atomic_load_n(&stopping, __ATOMIC_ACQUIRE);) {
      work();
      const u32 now = __atomic_load_n(&round, __ATOMIC_SEQ_CST);
      if (now == seen) wait_at(&round, seen);
      seen = now;
    }
  }

  void stop() {
    __atomic_store_n(&stopping, 1, __ATOMIC_RELEASE);
    announce();
  }

 private:
  void announce() {
    __atomic_fetch_add(&round, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&sleepers, __ATOMIC_SEQ_CST)) host->wake(&round);
  }

  /// Takes tasks while there are some. A ticket that can be taken is of a round in work, and that round cannot end before
  /// the taken task is done: `tasks`, `body` and `context` are the round's.
  void work() {
    for (u64 seen = __atomic_load_n(&ticket, __ATOMIC_ACQUIRE); (u32)seen > 0;) {
      if (!__atomic_compare_exchange_n(&ticket, &seen, seen - 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) continue;
      body(context, tasks - (u32)seen);
      seen = __atomic_load_n(&ticket, __ATOMIC_ACQUIRE);
      if (__atomic_sub_fetch(&unfinished, 1, __ATOMIC_ACQ_REL) == 0 && __atomic_load_n(&sleepers, __ATOMIC_SEQ_CST)) {
        host->wake(&unfinished);
      }
    }
  }

  void wait_at(const u32* word, u32 seen) {
    for (u32 i = 0; i < patience; i++, pause())
      if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != seen) return;
    __atomic_fetch_add(&sleepers, 1, __ATOMIC_SEQ_CST);
    host->sleep(word, seen);
    __atomic_fetch_sub(&sleepers, 1, __ATOMIC_SEQ_CST);
  }
};

}  // namespace CORE_SET
