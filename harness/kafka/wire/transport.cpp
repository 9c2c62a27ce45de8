// OpenSSL reads and writes through a BIO of ours, since its own would raise SIGPIPE.
#include "kafka/wire/transport.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <system_error>
#include <utility>

#include "core/check.hpp"

namespace seatrial::kafka::wire {
namespace {

using Flow = Transport::Flow;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && would_block(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(socket_of(bio), into, static_cast<std::size_t>(size), 0);
  if (got < 0 && would_block(errno)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    check(made != nullptr, "OpenSSL makes a BIO method");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

int limited(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

void Transport::FreeTls::operator()(ssl_st* tls) const noexcept { SSL_free(tls); }

Transport::Transport(Transport&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      tls_(std::move(other.tls_)),
      waits_to_write_(other.waits_to_write_),
      trouble_(std::move(other.trouble_)) {}

Transport& Transport::operator=(Transport&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(tls_, other.tls_);
  std::swap(waits_to_write_, other.waits_to_write_);
  std::swap(trouble_, other.trouble_);
  return *this;
}

void Transport::close() {
  tls_.reset();
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  waits_to_write_ = false;
}

void Transport::begin_tls(const Security& security, const std::string& host) {
  tls_.reset(SSL_new(security.context()));
  check(tls_ != nullptr, "OpenSSL makes a connection");
  BIO* bio = BIO_new(socket_method());
  check(bio != nullptr, "OpenSSL makes a BIO");
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket_)));
  BIO_set_init(bio, 1);
  SSL_set_bio(tls_.get(), bio, bio);  // takes it over
  const bool numbers = is_address(host);
  if (!numbers) SSL_set_tlsext_host_name(tls_.get(), host.c_str());
  if (security.checks_host()) {
    if (numbers) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host.c_str());
    else SSL_set1_host(tls_.get(), host.c_str());
  }
  SSL_set_connect_state(tls_.get());
}

// What a call of OpenSSL ended in.
Flow Transport::after(int result) {
  const int error = SSL_get_error(tls_.get(), result);
  const int number = errno;
  waits_to_write_ = error == SSL_ERROR_WANT_WRITE;
  if (error == SSL_ERROR_NONE) return Flow::moved;
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Flow::later;
  if (error == SSL_ERROR_ZERO_RETURN) return Flow::ended;
  const auto code = ERR_get_error();
  ERR_clear_error();
  const long verified = SSL_get_verify_result(tls_.get());
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  if (code == 0 && number == 0) return Flow::ended;
  trouble_ = reason != nullptr ? std::string("TLS: ") + reason
                               : "TLS: " + std::generic_category().message(number);
  if (verified != X509_V_OK)
    trouble_ += std::string(": ") + X509_verify_cert_error_string(verified);
  return Flow::failed;
}

Flow Transport::handshake() {
  ERR_clear_error();
  errno = 0;
  return after(SSL_do_handshake(tls_.get()));
}

Transport::Moved Transport::send(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {.flow = Flow::moved};
  errno = 0;
  if (tls_) {
    ERR_clear_error();
    const int sent = SSL_write(tls_.get(), bytes.data(), limited(bytes.size()));
    if (sent > 0) return {Flow::moved, static_cast<std::size_t>(sent)};
    return {.flow = after(sent)};
  }
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent > 0) return {Flow::moved, static_cast<std::size_t>(sent)};
  waits_to_write_ = true;
  if (would_block(errno)) return {};
  trouble_ = std::generic_category().message(errno);
  return {.flow = Flow::failed};
}

Transport::Moved Transport::receive(std::span<std::byte> into) {
  errno = 0;
  if (tls_) {
    ERR_clear_error();
    const int got = SSL_read(tls_.get(), into.data(), limited(into.size()));
    if (got > 0) return {Flow::moved, static_cast<std::size_t>(got)};
    return {.flow = after(got)};
  }
  const ssize_t got = ::recv(socket_, into.data(), into.size(), 0);
  if (got > 0) return {Flow::moved, static_cast<std::size_t>(got)};
  if (got == 0) return {.flow = Flow::ended};
  waits_to_write_ = false;
  if (would_block(errno)) return {};
  trouble_ = std::generic_category().message(errno);
  return {.flow = Flow::failed};
}

bool Transport::holds_bytes() const { return tls_ && SSL_pending(tls_.get()) > 0; }

bool Transport::is_over() {
  pollfd entry{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&entry, 1, 0) <= 0) return false;
  if (!tls_) return true;
  // Under TLS there are messages of its own, such as tickets for later sessions.
  ERR_clear_error();
  errno = 0;
  std::byte one{};
  return after(SSL_peek(tls_.get(), &one, 1)) != Flow::later;
}

}  // namespace seatrial::kafka::wire
