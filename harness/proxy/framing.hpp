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

#include "core/network.hpp"

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
  Bytes answer{};          // the response, where the broker was not asked, or answered early
  // Rules that chose it by its partitions, of which its response says less.
  std::vector<Network::RuleId> about{};
  std::uint64_t turn = 0;  // in which the broker was asked; 0: it was not yet
  bool early = false;      // of what `answered` returns: others come before it
};

// The requests of one connection that wait for their responses, in the client's order, which is
// that of the broker except where a request was kept back.
class Pipeline {
 public:
  // Passed on now.
  void push(InFlight request);
  // Kept back, and to be passed on later; one at a time.
  void keep_place(InFlight request);
  void take_place();  // passed on now
  // The request that a response of the broker answers: of those that the broker was asked, the
  // first. It is over with that, unless it is early: then its response has to wait. Nothing, and
  // nothing changed, if the correlation id is another.
  std::optional<InFlight> answered(std::int32_t correlation);
  // The response to the early one that was asked in that turn.
  void answer_early(std::uint64_t turn, Bytes answer);
  // An answer that we have and whose turn it is.
  std::optional<Bytes> own_answer();
  [[nodiscard]] bool own_answer_is_next() const {
    return !waiting_.empty() && !waiting_.front().answer.empty();
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  void clear() { waiting_.clear(); }

 private:
  std::deque<InFlight>::iterator next_answered();
  std::deque<InFlight> waiting_;
  std::uint64_t turns_ = 0;
  bool in_order_ = true;  // the client's order is the broker's
};

// Which node a connection between nodes belongs to, by the client id of its first request:
// broker-1-fetcher-0, raft-client-101, 2. Nothing if there is no number in it.
[[nodiscard]] std::optional<std::int32_t> node_of_client(std::string_view client);

}  // namespace seatrial::proxy
