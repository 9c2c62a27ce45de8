// A connection to one broker that never waits: for who drives several of them with one poll. It
// connects, asks which versions the broker speaks, and then carries frames both ways.
//
//     channel.open("host:port");
//     poll(channel.descriptor(), channel.events(writing))  ->  channel.advance();
//     if (channel.is_open()) channel.write(bytes) ... while (channel.read(frame)) ...
//
// Plaintext only. Errors close it and leave their text in trouble(). Resolving a host's name waits
// for the resolver; addresses in numbers do not. For one request at a time there is connection.hpp.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "kafka/wire/messages.hpp"

namespace seatrial::kafka::wire {

class Channel {
 public:
  Channel() = default;
  ~Channel() { close({}); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Begins to connect; what is open is closed before.
  void open(const std::string& address);
  void close(std::string why);
  [[nodiscard]] bool is_open() const { return state_ == State::open; }
  [[nodiscard]] bool is_closed() const { return state_ == State::closed; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }  // of the last closing
  [[nodiscard]] const Versions& versions() const { return versions_; }   // once open

  [[nodiscard]] int descriptor() const { return socket_; }
  [[nodiscard]] short events(bool writing) const;  // to poll for
  // After poll has told of something: goes on with connecting. Nothing to do once open.
  void advance();
  // Hands to the system what it takes now; the bytes taken.
  std::size_t write(BytesView bytes);
  // A whole frame that has arrived, without its size; valid until the next call.
  bool read(BytesView& frame);

 private:
  enum class State { closed, connecting, greeting, open };
  bool receive(std::size_t wanted);
  void greet();

  State state_ = State::closed;
  int socket_ = -1;
  std::string address_;
  std::string trouble_;
  Versions versions_;
  Bytes frame_;           // kept, so that it grows once
  std::size_t have_ = 0;  // bytes of the frame that arrived, its size first
};

}  // namespace seatrial::kafka::wire
