// How every connection by wire begins: the same socket, and the same words where it fails.
#pragma once

#include <netdb.h>

#include <cstddef>
#include <memory>

namespace seatrial::kafka::wire {

inline constexpr std::size_t size_bytes = 4;  // of a frame, before what it counts

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// Does not block, sends small requests at once; -1 with errno.
[[nodiscard]] int open_socket(const addrinfo& target);

}  // namespace seatrial::kafka::wire
