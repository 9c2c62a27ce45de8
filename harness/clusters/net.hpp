// Loopback ports and the question whether a Kafka listener answers. IPv4 loopback only.
#pragma once

#include <cstddef>
#include <vector>

#include "core/time.hpp"

namespace seatrial::clusters {

// Free ports on 127.0.0.1, held (bound, not listening) until `release`, so that neither another
// run nor another node gets them. Below the range the kernel gives to outgoing connections,
// because a broker that is down for a while must find its port free again.
class ReservedPorts {
 public:
  explicit ReservedPorts(std::size_t count);  // throws InfrastructureError if there are not enough
  ~ReservedPorts();
  ReservedPorts(const ReservedPorts&) = delete;
  ReservedPorts& operator=(const ReservedPorts&) = delete;
  [[nodiscard]] const std::vector<int>& ports() const { return ports_; }
  void release();

 private:
  std::vector<int> ports_;
  std::vector<int> sockets_;
};

// Whether a Kafka node answers an ApiVersions request on 127.0.0.1:port within `limit`. An accepted
// connection alone proves nothing: a container engine's proxy accepts before the broker listens.
[[nodiscard]] bool kafka_answers(int port, milliseconds limit);

}  // namespace seatrial::clusters
