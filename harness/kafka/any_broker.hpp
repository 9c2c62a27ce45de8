// Requests that any broker takes, and passes on to the controller where that is needed: asked of
// one after the other until one has answered, or of all of them where each is to say what it knows.
//
// A connection for each request, since these are rare, and brokers come and go meanwhile. Speaks
// plaintext. Not thread-safe.
#pragma once

#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/wire/administration.hpp"

namespace seatrial::kafka {

class AnyBroker {
 public:
  // Of nodes that serve no clients nobody is asked.
  explicit AnyBroker(const std::vector<Node>& nodes);

  struct Request {
    wire::Api api{};
    std::int16_t version = 0;
    bool flexible = false;
    const char* name = "";
  };
  // What follows the answer's header. The error is that of the broker that was asked last.
  Result<wire::Bytes> ask(const Request& request, const wire::Bytes& body, Instant deadline) const;
  // Of each broker that answers; an error if none does.
  Result<std::vector<wire::Bytes>> ask_each(const Request& request, const wire::Bytes& body,
                                            Instant deadline) const;

  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  std::vector<std::string> addresses_;
};

// True, or Kafka's name of the error with the broker's words.
[[nodiscard]] Result<bool> taken(const AnyBroker::Request& request,
                                 const Result<wire::Answer>& answer);

}  // namespace seatrial::kafka
