// One connection to one broker, secured as its Security says. Either one request at a time, each
// call waiting for its answer until its deadline; or several in flight, with ask and answer, for
// who polls the descriptor. The two do not mix. After an error the connection is of no use any
// more. Not thread-safe.
#pragma once

#include <deque>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/wire/messages.hpp"
#include "kafka/wire/transport.hpp"

namespace seatrial::kafka::wire {

class Connection {
 public:
  // Connects, asks which versions the broker speaks, and logs in where it has to. `address`:
  // host:port.
  static Result<Connection> open(const std::string& address, Instant deadline,
                                 const SecurityPtr& security = nullptr);

  Result<Metadata> metadata(const std::vector<std::string>& topics, Instant deadline);
  Result<std::int64_t> offset(const TopicPartition& where, Offset which, Instant deadline);
  // Of many partitions; those that this broker cannot tell of are left out.
  Result<std::map<TopicPartition, std::int64_t>> offsets(const std::vector<TopicPartition>& all,
                                                         Offset which, Instant deadline);
  Result<NodeId> coordinator(Coordinated what, const std::string& name, Instant deadline);
  // Asks for the controllers' quorum, which the broker asks of the active controller in turn.
  Result<Quorum> quorum(Instant deadline);

  // The version in which both sides speak of `api`, whose name is for the error.
  Result<std::int16_t> version_for(Api api, VersionRange ours, const char* name) const;

  // Sends a request and waits for its answer: what follows the answer's header.
  Result<Bytes> exchange(RequestHeader header, BytesView body, Instant deadline);

  // Sends a request and does not wait for its answer: those come in the order of the requests.
  Result<bool> ask(RequestHeader header, BytesView body, Instant deadline);
  // Takes what has arrived, without waiting: true once an answer is whole, and then `body` is what
  // follows its header, valid until the next call.
  Result<bool> answer(BytesView& body);
  [[nodiscard]] int descriptor() const { return transport_.descriptor(); }
  // Bytes have arrived of which poll does not tell.
  [[nodiscard]] bool holds_bytes() const { return transport_.holds_bytes(); }
  // Whether the other side has closed it, while nothing is asked. Costs the broker nothing.
  [[nodiscard]] bool is_over() { return transport_.is_over(); }

 private:
  Connection(int socket, std::string address) : transport_(socket), address_(std::move(address)) {}
  Result<bool> secure(const Security& security, const std::string& host, Instant deadline);
  Result<bool> log_in(const Security& security, Instant deadline);
  Result<bool> send_all(BytesView bytes, Instant deadline);
  Result<bool> receive(std::size_t wanted);

  Transport transport_;
  std::int32_t correlation_ = 0;
  std::string address_;
  Versions versions_;
  std::deque<RequestHeader> asked_;
  Bytes frame_;           // kept, so that large answers cost their allocation once
  std::size_t have_ = 0;  // bytes of the frame that arrived, its size first
};

}  // namespace seatrial::kafka::wire
