// Memory that this process and others work in at once: zeros, without a name, passed on by its
// descriptor. It lives as long as anybody has it mapped. Pages cost memory once they are written
// to, so generous sizes are free.
//
//   auto mine = SharedMemory::make(bytes, "the ledger");          // in the harness
//   auto same = SharedMemory::attach(descriptor, bytes, "...");   // in a worker process
//
// Says nothing of what lies in it; whoever writes and reads at the same time uses atomics.
#pragma once

#include <cstddef>

namespace seatrial {

class SharedMemory {
 public:
  SharedMemory() = default;
  // Both throw InfrastructureError; `what` names it in the message. `attach` takes the descriptor
  // over.
  static SharedMemory make(std::size_t bytes, const char* what);
  static SharedMemory attach(int descriptor, std::size_t bytes, const char* what);
  ~SharedMemory();
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// The descriptor of another process of this user, as one of ours; -1 (and errno) if there is none.
[[nodiscard]] int descriptor_of(int pid, int descriptor);

}  // namespace seatrial
