// Non-blocking sockets; every call does what can be done at once.
#include "kafka/wire/channel.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/socket.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::int32_t largest_short_answer = 16 << 20;  // of what is asked here

std::string text_of(int error) { return std::generic_category().message(error); }

// Of host:port, where the host may stand in brackets.
std::string host_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return host;
}

Addresses resolve(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return nullptr;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const std::string host = host_of(address);
  if (getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &list) != 0) return nullptr;
  return Addresses(list);
}

}  // namespace

void Channel::open(const std::string& address, SecurityPtr security) {
  close({});
  trouble_.clear();
  address_ = address;
  security_ = std::move(security);
  const Addresses target = resolve(address);
  if (target == nullptr) return close("cannot be resolved");
  transport_ = Transport(open_socket(*target));
  if (!transport_.has_socket()) return close("no socket: " + text_of(errno));
  state_ = State::connecting;
  if (connect(descriptor(), target->ai_addr, target->ai_addrlen) == 0) return connected();
  if (errno != EINPROGRESS) close("cannot connect: " + text_of(errno));
}

void Channel::close(std::string why) {
  transport_.close();
  login_.reset();
  have_ = 0;
  state_ = State::closed;
  if (!why.empty()) trouble_ = address_ + ": " + std::move(why);
}

short Channel::events(bool writing) const {
  if (state_ == State::connecting) return POLLOUT;
  if (state_ == State::securing) return transport_.waits_to_write() ? POLLOUT : POLLIN;
  return static_cast<short>(writing ? POLLIN | POLLOUT : POLLIN);
}

void Channel::connected() {
  if (!security_ || !security_->tls()) return greet();
  state_ = State::securing;
  transport_.begin_tls(*security_, host_of(address_));
  secure();
}

void Channel::secure() {
  switch (transport_.handshake()) {
    case Transport::Flow::moved: return greet();
    case Transport::Flow::later: return;
    case Transport::Flow::ended:
      return close("closed the connection when TLS began: see security.protocol");
    case Transport::Flow::failed: return close(transport_.trouble());
  }
}

void Channel::greet() {
  state_ = State::greeting;
  const Bytes hello = frame({.api = Api::api_versions, .version = 0}, {});
  if (write(hello) != hello.size()) close("takes no bytes");  // a fresh socket has room for 20
}

void Channel::advance() {
  if (state_ == State::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return close("cannot connect: " + text_of(error));
    return connected();
  }
  if (state_ == State::securing) return secure();
  BytesView answer;
  if (state_ == State::open || !read(answer)) return;
  if (state_ == State::greeting) greeted(answer);
  else login_answered(answer);
}

void Channel::greeted(BytesView answer) {
  const auto body = answer_body(answer, {.api = Api::api_versions});
  if (!body) return close(body.error().message);
  auto versions = decode_api_versions(*body);
  if (!versions) return close(versions.error().message);
  versions_ = std::move(*versions);
  state_ = State::open;
  if (!security_ || !security_->logs_in()) return;
  state_ = State::logging_in;
  login_.emplace(*security_);
  ask_login(login_->begin());
}

void Channel::ask_login(Login::Step step) {
  asked_ = step.header;
  const Bytes request = frame(asked_, step.body);
  if (write(request) != request.size()) close("takes no bytes");
}

void Channel::login_answered(BytesView answer) {
  const auto body = answer_body(answer, asked_);
  if (!body) return close(body.error().message);
  auto next = login_->next(*body);
  if (!next) return close(next.error().message);
  if (*next) return ask_login(std::move(**next));
  login_.reset();
  state_ = State::open;
}

std::size_t Channel::write(BytesView bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const auto [flow, sent] = transport_.send(bytes.subspan(taken));
    taken += sent;
    if (flow == Transport::Flow::moved) continue;
    if (flow != Transport::Flow::later) close("sending failed: " + transport_.trouble());
    break;
  }
  return taken;
}

// Until the frame has that many bytes; false when no more have arrived.
bool Channel::receive(std::size_t wanted) {
  if (frame_.size() < wanted) frame_.resize(wanted);
  while (have_ < wanted) {
    const auto [flow, got] = transport_.receive(std::span(frame_).first(wanted).subspan(have_));
    have_ += got;
    if (flow == Transport::Flow::moved) continue;
    if (flow == Transport::Flow::ended) close("the broker closed the connection");
    if (flow == Transport::Flow::failed) close("receiving failed: " + transport_.trouble());
    return false;
  }
  return true;
}

bool Channel::read(BytesView& frame) {
  if (state_ == State::closed) return false;
  if (have_ < size_bytes && !receive(size_bytes)) return false;
  const auto size = load_big_endian<std::int32_t>(frame_.data());
  if (size < 4 || size > largest_short_answer) {
    close("does not speak Kafka's protocol");
    return false;
  }
  const auto whole = size_bytes + static_cast<std::size_t>(size);
  if (!receive(whole)) return false;
  have_ = 0;
  frame = BytesView(frame_).first(whole).subspan(size_bytes);
  return true;
}

}  // namespace seatrial::kafka::wire
