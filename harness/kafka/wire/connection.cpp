// Sockets with deadlines: non-blocking underneath, and poll with what time is left.
#include "kafka/wire/connection.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/login.hpp"
#include "kafka/wire/socket.hpp"

namespace seatrial::kafka::wire {
namespace {

// We ask for some megabytes at most, but a broker sends a whole batch, however large; a size beyond
// this is not Kafka's protocol.
constexpr std::int32_t largest_answer = 128 << 20;

Error failed(const std::string& address, const std::string& what) {
  return Error{address + ": " + what, ""};
}

Error failed(const std::string& address, const char* what, int number) {
  return failed(address, std::string(what) + ": " + std::generic_category().message(number));
}

// Waits until the socket is ready for `events`; false when the deadline passed.
bool wait_for(int socket, short events, Instant deadline) {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - now()).count();
    if (left <= 0) return false;
    pollfd entry{socket, events, 0};
    const int timeout = static_cast<int>(std::min<std::int64_t>(left, 60'000));
    const int ready = poll(&entry, 1, timeout);
    if (ready > 0) return true;  // errors too: the call that follows reports them
  }
}

Result<int> connect_to(const addrinfo& target, const std::string& address, Instant deadline) {
  const int socket = open_socket(target);
  if (socket < 0) return failed(address, "no socket", errno);
  const auto give_up = [&](Error error) {
    close(socket);
    return error;
  };
  if (connect(socket, target.ai_addr, target.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return give_up(failed(address, "cannot connect", errno));
  if (!wait_for(socket, POLLOUT, deadline)) {
    return give_up(failed(address, "no connection in time"));
  }
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return give_up(failed(address, "cannot connect", error));
  return socket;
}

}  // namespace

Result<Connection> Connection::open(const std::string& address, Instant deadline,
                                    const SecurityPtr& security) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return failed(address, "is not host:port");
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int found = getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &list);
  if (found != 0) return failed(address, std::string("cannot be resolved: ") + gai_strerror(found));
  const Addresses owner(list);
  Result<int> socket = failed(address, "has no address");
  for (const addrinfo* it = list; it != nullptr && !socket; it = it->ai_next) {
    socket = connect_to(*it, address, deadline);
  }
  if (!socket) return socket.error();
  Connection connection(*socket, address);
  if (security && security->tls()) {
    const auto secured = connection.secure(*security, host, deadline);
    if (!secured) return secured.error();
  }
  auto answer = connection.exchange({.api = Api::api_versions, .version = 0}, {}, deadline);
  if (!answer) return answer.error();
  auto versions = decode_api_versions(*answer);
  if (!versions) return failed(address, versions.error().message);
  connection.versions_ = std::move(*versions);
  if (security && security->logs_in()) {
    const auto known = connection.log_in(*security, deadline);
    if (!known) return known.error();
  }
  return connection;
}

Result<bool> Connection::secure(const Security& security, const std::string& host,
                                Instant deadline) {
  transport_.begin_tls(security, host);
  while (true) {
    const auto flow = transport_.handshake();
    if (flow == Transport::Flow::moved) return true;
    if (flow == Transport::Flow::ended)
      return failed(address_, "closed the connection when TLS began: see security.protocol");
    if (flow == Transport::Flow::failed) return failed(address_, transport_.trouble());
    const short events = transport_.waits_to_write() ? POLLOUT : POLLIN;
    if (!wait_for(descriptor(), events, deadline)) return failed(address_, "no TLS in time");
  }
}

Result<bool> Connection::log_in(const Security& security, Instant deadline) {
  Login login(security);
  for (auto step = login.begin();;) {
    const auto answer = exchange(step.header, step.body, deadline);
    if (!answer) return answer.error();
    auto next = login.next(*answer);
    if (!next) return Error{address_ + ": " + next.error().message, next.error().hint};
    if (!*next) return true;
    step = std::move(**next);
  }
}

Result<bool> Connection::send_all(BytesView bytes, Instant deadline) {
  while (!bytes.empty()) {
    const auto [flow, sent] = transport_.send(bytes);
    if (flow == Transport::Flow::ended) return failed(address_, "the broker closed the connection");
    if (flow == Transport::Flow::failed)
      return failed(address_, "sending failed: " + transport_.trouble());
    bytes = bytes.subspan(sent);
    const short events = transport_.waits_to_write() ? POLLOUT : POLLIN;
    if (flow == Transport::Flow::later && !wait_for(descriptor(), events, deadline))
      return failed(address_, "could not send in time");
  }
  return true;
}

Result<bool> Connection::ask(RequestHeader header, BytesView body, Instant deadline) {
  header.correlation = ++correlation_;
  asked_.push_back(header);
  return send_all(frame(header, body), deadline);
}

// Until the frame has that many bytes; false when no more have arrived.
Result<bool> Connection::receive(std::size_t wanted) {
  if (frame_.size() < wanted) frame_.resize(wanted);
  while (have_ < wanted) {
    const auto [flow, got] = transport_.receive(std::span(frame_).first(wanted).subspan(have_));
    if (flow == Transport::Flow::later) return false;
    if (flow == Transport::Flow::ended) return failed(address_, "the broker closed the connection");
    if (flow == Transport::Flow::failed)
      return failed(address_, "receiving failed: " + transport_.trouble());
    have_ += got;
  }
  return true;
}

Result<bool> Connection::answer(BytesView& body) {
  if (have_ < size_bytes) {
    if (auto got = receive(size_bytes); !got || !*got) return got;
  }
  const std::int32_t size = Cursor(frame_).int32();
  if (size < 4 || size > largest_answer || asked_.empty()) {
    return failed(address_, "does not speak Kafka's protocol");
  }
  const auto whole = size_bytes + static_cast<std::size_t>(size);
  if (auto got = receive(whole); !got || !*got) return got;
  have_ = 0;
  const RequestHeader header = asked_.front();
  asked_.pop_front();
  auto rest = answer_body(BytesView(frame_).first(whole).subspan(size_bytes), header);
  if (!rest) return failed(address_, rest.error().message);
  body = *rest;
  return true;
}

Result<Bytes> Connection::exchange(RequestHeader header, BytesView body, Instant deadline) {
  if (auto sent = ask(header, body, deadline); !sent) return sent.error();
  while (true) {
    BytesView rest;
    const auto got = answer(rest);
    if (!got) return got.error();
    if (*got) return Bytes(rest.begin(), rest.end());
    if (!wait_for(descriptor(), POLLIN, deadline)) return failed(address_, "no answer in time");
  }
}

Result<std::int16_t> Connection::version_for(Api api, VersionRange ours, const char* name) const {
  if (const auto version = common_version(versions_, api, ours)) return *version;
  return failed(address_, std::string("speaks no version of ") + name + " that the harness speaks");
}

Result<Metadata> Connection::metadata(const std::vector<std::string>& topics, Instant deadline) {
  const auto version = version_for(Api::metadata, metadata_versions, "Metadata");
  if (!version) return version.error();
  auto answer = exchange({.api = Api::metadata, .version = *version},
                         encode_metadata(*version, topics), deadline);
  if (!answer) return answer.error();
  return decode_metadata(*version, *answer);
}

Result<std::int64_t> Connection::offset(const TopicPartition& where, Offset which,
                                        Instant deadline) {
  const auto version = version_for(Api::list_offsets, list_offsets_versions, "ListOffsets");
  if (!version) return version.error();
  auto answer = exchange({.api = Api::list_offsets, .version = *version},
                         encode_list_offsets(*version, where, which), deadline);
  if (!answer) return answer.error();
  return decode_list_offsets(*version, *answer);
}

Result<std::map<TopicPartition, std::int64_t>> Connection::offsets(
    const std::vector<TopicPartition>& all, Offset which, Instant deadline) {
  const auto version = version_for(Api::list_offsets, list_offsets_versions, "ListOffsets");
  if (!version) return version.error();
  auto answer = exchange({.api = Api::list_offsets, .version = *version},
                         encode_all_offsets(*version, all, which), deadline);
  if (!answer) return answer.error();
  return decode_all_offsets(*version, *answer);
}

Result<NodeId> Connection::coordinator(Coordinated what, const std::string& name,
                                       Instant deadline) {
  const auto version =
      version_for(Api::find_coordinator, find_coordinator_versions, "FindCoordinator");
  if (!version) return version.error();
  auto answer = exchange({.api = Api::find_coordinator, .version = *version},
                         encode_find_coordinator(what, name), deadline);
  if (!answer) return answer.error();
  return decode_find_coordinator(*answer);
}

Result<Quorum> Connection::quorum(Instant deadline) {
  const auto version =
      version_for(Api::describe_quorum, describe_quorum_versions, "DescribeQuorum");
  if (!version) return version.error();
  auto answer = exchange({.api = Api::describe_quorum, .version = *version, .flexible = true},
                         encode_describe_quorum(), deadline);
  if (!answer) return answer.error();
  return decode_describe_quorum(*answer);
}

}  // namespace seatrial::kafka::wire
