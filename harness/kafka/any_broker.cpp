// A broker that hangs is given up for the next one.
#include "kafka/any_broker.hpp"

#include <algorithm>

#include "kafka/wire/connection.hpp"

namespace seatrial::kafka {
namespace {

constexpr auto answer_patience = seconds(5);

Result<wire::Bytes> ask_one(const std::string& address, const AnyBroker::Request& request,
                            const wire::Bytes& body, Instant deadline) {
  const Instant until = std::min<Instant>(deadline, now() + answer_patience);
  auto connection = wire::Connection::open(address, until);
  if (!connection) return connection.error();
  const auto version =
      connection->version_for(request.api, {request.version, request.version}, request.name);
  if (!version) return version.error();
  return connection->exchange(
      {.api = request.api, .version = *version, .flexible = request.flexible}, body, until);
}

Error nobody_answered(const AnyBroker::Request& request, const Error& last) {
  return {std::string(request.name) + ": " + last.message, last.hint};
}

}  // namespace

AnyBroker::AnyBroker(const std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    if (node.serves_clients()) addresses_.push_back(node.address);
  }
}

Result<wire::Bytes> AnyBroker::ask(const Request& request, const wire::Bytes& body,
                                   Instant deadline) const {
  Error last{"no broker serves clients", ""};
  for (const std::string& address : addresses_) {
    auto answer = ask_one(address, request, body, deadline);
    if (answer) return answer;
    last = answer.error();
  }
  return nobody_answered(request, last);
}

Result<std::vector<wire::Bytes>> AnyBroker::ask_each(const Request& request,
                                                     const wire::Bytes& body,
                                                     Instant deadline) const {
  Error last{"no broker serves clients", ""};
  std::vector<wire::Bytes> out;
  for (const std::string& address : addresses_) {
    auto answer = ask_one(address, request, body, deadline);
    if (answer) out.push_back(std::move(*answer));
    else last = answer.error();
  }
  if (out.empty()) return nobody_answered(request, last);
  return out;
}

Result<bool> taken(const AnyBroker::Request& request, const Result<wire::Answer>& answer) {
  if (!answer) return answer.error();
  if (answer->error == 0) return true;
  return Error{std::string(request.name) + ": " + wire::error_name(answer->error) +
                   (answer->words.empty() ? "" : ", " + answer->words),
               ""};
}

}  // namespace seatrial::kafka
