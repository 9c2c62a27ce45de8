// An anonymous file, mapped.
#include "core/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "core/check.hpp"

namespace seatrial {
namespace {

[[noreturn]] void cannot(const char* what, std::size_t bytes) {
  throw InfrastructureError(std::string(what) + " of " + std::to_string(bytes >> 20U) +
                            " MiB of address space cannot be mapped: " + std::strerror(errno) +
                            ". Lower the number of lanes, of partitions or of messages in flight, "
                            "or raise `ulimit -v`.");
}

}  // namespace

SharedMemory SharedMemory::make(std::size_t bytes, const char* what) {
  const int descriptor = memfd_create("seatrial", MFD_CLOEXEC);
  if (descriptor < 0 || ftruncate(descriptor, static_cast<off_t>(bytes)) != 0) cannot(what, bytes);
  return attach(descriptor, bytes, what);
}

SharedMemory SharedMemory::attach(int descriptor, std::size_t bytes, const char* what) {
  SharedMemory out;
  out.descriptor_ = descriptor;
  if (descriptor < 0) cannot(what, bytes);
  void* const base =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, descriptor, 0);
  if (base == MAP_FAILED) cannot(what, bytes);
  out.data_ = static_cast<std::byte*>(base);
  out.size_ = bytes;
  return out;
}

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) munmap(data_, size_);
  if (descriptor_ >= 0) close(descriptor_);
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

int descriptor_of(int pid, int descriptor) {
  const auto path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(descriptor);
  return open(path.c_str(), O_RDWR | O_CLOEXEC);
}

}  // namespace seatrial
