// A connection to one broker that never waits: for who drives several of them with one poll. It
// connects, by TLS where its Security asks for it, asks which versions the broker speaks, logs in,
// and then carries frames both ways.
//
//     channel.open("host:port", security);
//     poll(channel.descriptor(), channel.events(writing))  ->  channel.advance();
//     if (channel.is_open()) channel.write(bytes) ... while (channel.read(frame)) ...
//
// Errors close it and leave their text in trouble(). Resolving a host's name waits
// for the resolver; addresses in numbers do not. For one request at a time there is connection.hpp.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "kafka/wire/login.hpp"
#include "kafka/wire/messages.hpp"
#include "kafka/wire/transport.hpp"

namespace seatrial::kafka::wire {

class Channel {
 public:
  Channel() = default;
  ~Channel() { close({}); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Begins to connect; what is open is closed before. `security` null: plaintext.
  void open(const std::string& address, SecurityPtr security = nullptr);
  void close(std::string why);
  [[nodiscard]] bool is_open() const { return state_ == State::open; }
  [[nodiscard]] bool is_closed() const { return state_ == State::closed; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }  // of the last closing
  [[nodiscard]] const Versions& versions() const { return versions_; }   // once open

  [[nodiscard]] int descriptor() const { return transport_.descriptor(); }
  [[nodiscard]] short events(bool writing) const;  // to poll for
  // After poll has told of something: goes on with connecting. Nothing to do once open.
  void advance();
  // Hands to the system what it takes now; the bytes taken.
  std::size_t write(BytesView bytes);
  // A whole frame that has arrived, without its size; valid until the next call.
  bool read(BytesView& frame);

 private:
  enum class State { closed, connecting, securing, greeting, logging_in, open };
  bool receive(std::size_t wanted);
  void connected();
  void secure();
  void greet();
  void greeted(BytesView answer);
  void ask_login(Login::Step step);
  void login_answered(BytesView answer);

  State state_ = State::closed;
  Transport transport_;
  SecurityPtr security_;
  std::optional<Login> login_;
  RequestHeader asked_;  // of the login
  std::string address_;
  std::string trouble_;
  Versions versions_;
  Bytes frame_;           // kept, so that it grows once
  std::size_t have_ = 0;  // bytes of the frame that arrived, its size first
};

}  // namespace seatrial::kafka::wire
