// The replaced operators. Under the thread sanitizer they would run before it is set up.
#include "support/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t count = 0;

}  // namespace

namespace seatrial::test {

std::size_t allocations() { return count; }

}  // namespace seatrial::test

#if defined(__SANITIZE_THREAD__)

bool seatrial::test::allocations_are_counted() { return false; }

#else

bool seatrial::test::allocations_are_counted() { return true; }

namespace {

void* allocate(std::size_t bytes) {
  ++count;
  if (void* const memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

#endif
