// Kafka's frames, as somebody between a client and a broker sees them: where each begins, what the
// request's header says, and which request a response answers. Pure: bytes in, facts out; nothing
// is ever read beyond a header and, of Produce, the `acks` behind it.
//
// Layout (Kafka protocol guide): size int32, api key int16, version int16, correlation id int32,
// client id as a nullable string, and from the first flexible version of an API on tagged fields.
// ApiVersions aside, brokers answer in the order of a connection's requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial::proxy {

using BytesView = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

namespace api {
inline constexpr std::int16_t produce = 0, fetch = 1, heartbeat = 12, sasl_handshake = 17,
                              init_producer_id = 22, end_txn = 26;
}  // namespace api

struct RequestHeader {
  std::int32_t size = 0;  // of the frame, without the four bytes that say so
  std::int16_t api = 0, version = 0;
  std::int32_t correlation = 0;
  std::string_view client;  // in the bytes that were parsed
  std::size_t body = 0;     // where the body begins
  bool answered = true;     // false: Produce with acks=0, to which brokers say nothing
};

enum class Parsed { whole, too_short, not_kafka };

// Of a frame's first bytes, its header; `too_short` if more of them are needed.
Parsed parse_request(BytesView bytes, RequestHeader& out);

struct ResponseHeader {
  std::int32_t size = 0, correlation = 0;
};
Parsed parse_response(BytesView bytes, ResponseHeader& out);

// A request that a broker, or this proxy in its place, has not answered yet.
struct InFlight {
  std::int16_t api = 0;
  std::int32_t correlation = 0;
  bool swallowed = false;  // its response is not for the client
  Bytes answer{};          // the response, where the broker was not asked
};

// The requests of one connection that wait for their responses, in the order they were passed on.
class Pipeline {
 public:
  void push(InFlight request) { waiting_.push_back(std::move(request)); }
  // The request that a response of the broker answers, which is over with that: the first that the
  // broker was asked. Nothing, and nothing changed, if its correlation id is another.
  std::optional<InFlight> answered(std::int32_t correlation);
  // An answer of our own whose turn it is.
  std::optional<Bytes> own_answer();
  [[nodiscard]] bool own_answer_is_next() const {
    return !waiting_.empty() && !waiting_.front().answer.empty();
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  void clear() { waiting_.clear(); }

 private:
  std::deque<InFlight> waiting_;
};

// Which node a connection between nodes belongs to, by the client id of its first request:
// broker-1-fetcher-0, raft-client-101, 2. Nothing if there is no number in it.
[[nodiscard]] std::optional<std::int32_t> node_of_client(std::string_view client);

}  // namespace seatrial::proxy
