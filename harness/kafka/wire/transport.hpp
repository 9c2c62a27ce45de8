// The bytes of one connection, as they are or through TLS. Every call does what can be done at once
// and never waits. Owns its socket. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "kafka/wire/security.hpp"

struct ssl_st;  // OpenSSL's SSL

namespace seatrial::kafka::wire {

class Transport {
 public:
  Transport() = default;
  explicit Transport(int socket) : socket_(socket) {}  // takes it over; it must not block
  ~Transport() { close(); }
  Transport(Transport&& other) noexcept;
  Transport& operator=(Transport&& other) noexcept;

  enum class Flow { moved, later, ended, failed };  // ended: the other side has closed
  struct Moved {
    Flow flow = Flow::later;
    std::size_t bytes = 0;
  };

  // What follows goes through TLS; the socket must be connected. `host`: without its port, whom
  // the certificate has to name.
  void begin_tls(const Security& security, const std::string& host);
  // Goes on with it: `moved` once it is done.
  Flow handshake();
  Moved send(std::span<const std::byte> bytes);
  Moved receive(std::span<std::byte> into);
  // Whether it is closed, or broken; for a connection on which nothing is asked.
  bool is_over();

  [[nodiscard]] bool has_socket() const { return socket_ >= 0; }
  [[nodiscard]] int descriptor() const { return socket_; }
  // Whether what ended in `later` waits to write rather than to read.
  [[nodiscard]] bool waits_to_write() const { return waits_to_write_; }
  // Bytes have arrived and are decrypted: poll does not tell of them.
  [[nodiscard]] bool holds_bytes() const;
  [[nodiscard]] const std::string& trouble() const { return trouble_; }  // of the last `failed`
  void close();

 private:
  struct FreeTls {
    void operator()(ssl_st* tls) const noexcept;
  };
  Flow after(int result);

  int socket_ = -1;
  std::unique_ptr<ssl_st, FreeTls> tls_;
  bool waits_to_write_ = false;
  std::string trouble_;
};

}  // namespace seatrial::kafka::wire
