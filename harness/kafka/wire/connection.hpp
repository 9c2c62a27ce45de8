// One blocking connection to one broker, plaintext, one request at a time. Every call ends by its
// deadline; after an error the connection is of no use any more. Not thread-safe.
#pragma once

#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/wire/messages.hpp"

namespace seatrial::kafka::wire {

class Connection {
 public:
  // Connects and asks which versions the broker speaks. `address`: host:port.
  static Result<Connection> open(const std::string& address, Instant deadline);
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;

  Result<Metadata> metadata(const std::vector<std::string>& topics, Instant deadline);
  Result<std::int64_t> offset(const TopicPartition& where, Offset which, Instant deadline);
  // Asks for the controllers' quorum, which the broker asks of the active controller in turn.
  Result<Quorum> quorum(Instant deadline);

 private:
  Connection(int socket, std::string address) : socket_(socket), address_(std::move(address)) {}
  Result<Bytes> exchange(RequestHeader header, BytesView body, Instant deadline);
  Result<std::int16_t> version_for(Api api, VersionRange ours, const char* name) const;

  int socket_ = -1;
  std::int32_t correlation_ = 0;
  std::string address_;
  Versions versions_;
};

}  // namespace seatrial::kafka::wire
