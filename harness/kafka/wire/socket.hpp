// How every connection by wire begins: the same socket, and the same words where it fails.
#pragma once

#include <netdb.h>

namespace seatrial::kafka::wire {

// Does not block, sends small requests at once; -1 with errno.
[[nodiscard]] int open_socket(const addrinfo& target);

}  // namespace seatrial::kafka::wire
