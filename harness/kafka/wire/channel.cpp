// Non-blocking sockets; every call does what can be done at once.
#include "kafka/wire/channel.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/socket.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::int32_t largest_answer = 16 << 20;  // of what is asked here, which is short
constexpr std::size_t size_bytes = 4;

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

std::string text_of(int error) { return std::generic_category().message(error); }

Addresses resolve(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return nullptr;
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &list) != 0) return nullptr;
  return Addresses(list);
}

}  // namespace

void Channel::open(const std::string& address) {
  close({});
  trouble_.clear();
  address_ = address;
  const Addresses target = resolve(address);
  if (target == nullptr) return close("cannot be resolved");
  socket_ = open_socket(*target);
  if (socket_ < 0) return close("no socket: " + text_of(errno));
  state_ = State::connecting;
  if (connect(socket_, target->ai_addr, target->ai_addrlen) == 0) return greet();
  if (errno != EINPROGRESS) close("cannot connect: " + text_of(errno));
}

void Channel::close(std::string why) {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  have_ = 0;
  state_ = State::closed;
  if (!why.empty()) trouble_ = address_ + ": " + std::move(why);
}

short Channel::events(bool writing) const {
  if (state_ == State::connecting) return POLLOUT;
  return static_cast<short>(writing ? POLLIN | POLLOUT : POLLIN);
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
    getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return close("cannot connect: " + text_of(error));
    return greet();
  }
  BytesView answer;
  if (state_ != State::greeting || !read(answer)) return;
  const auto body = answer_body(answer, {.api = Api::api_versions});
  if (!body) return close(body.error().message);
  auto versions = decode_api_versions(*body);
  if (!versions) return close(versions.error().message);
  versions_ = std::move(*versions);
  state_ = State::open;
}

std::size_t Channel::write(BytesView bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const ssize_t sent = send(socket_, bytes.data() + taken, bytes.size() - taken, MSG_NOSIGNAL);
    if (sent > 0) {
      taken += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return taken;
    } else if (errno != EINTR) {
      close("sending failed: " + text_of(errno));
      return taken;
    }
  }
  return taken;
}

// Until the frame has that many bytes; false when no more have arrived.
bool Channel::receive(std::size_t wanted) {
  if (frame_.size() < wanted) frame_.resize(wanted);
  while (have_ < wanted) {
    const ssize_t got = recv(socket_, frame_.data() + have_, wanted - have_, 0);
    if (got > 0) {
      have_ += static_cast<std::size_t>(got);
    } else if (got == 0) {
      close("the broker closed the connection");
      return false;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return false;
    } else if (errno != EINTR) {
      close("receiving failed: " + text_of(errno));
      return false;
    }
  }
  return true;
}

bool Channel::read(BytesView& frame) {
  if (state_ == State::closed) return false;
  if (have_ < size_bytes && !receive(size_bytes)) return false;
  const auto size = load_big_endian<std::int32_t>(frame_.data());
  if (size < 4 || size > largest_answer) {
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
