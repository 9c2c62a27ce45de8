// The client's side of SCRAM (RFC 5802, with SHA-256: RFC 7677), as Kafka speaks it: without
// channel binding and without an authorisation identity. Passwords are taken as their UTF-8 bytes,
// as Kafka's own clients do, and not prepared (SASLprep). Pure: the nonce is given.
//
//     Scram scram("SHA512", user, password, random_nonce());
//     send(scram.first());  auto last = scram.last(received);  send(*last); scram.verify(received);
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace seatrial::kafka::wire {

class Scram {
 public:
  // `digest`: by OpenSSL's name, SHA256 or SHA512. `nonce`: printable, without commas.
  Scram(std::string digest, std::string_view user, std::string password, std::string nonce);

  [[nodiscard]] std::string first() const;
  // The answer to what the server sent first. Refuses what no server may send: a nonce that does
  // not begin with ours, fewer than 4096 rounds (or so many that they would take minutes).
  Result<std::string> last(std::string_view server_first);
  // Whether the server, too, knows the password: only after last(). Nothing if it does.
  [[nodiscard]] std::optional<Error> verify(std::string_view server_last) const;

 private:
  std::string digest_;
  std::string password_;
  std::string nonce_;
  std::string first_bare_;
  std::string server_signature_;  // in base64
};

// Hi() of the RFC: what of a password, salted with some bytes, a server derives its keys from.
[[nodiscard]] std::string salted_password(const std::string& digest, std::string_view password,
                                          std::string_view salt, int rounds);

// 24 characters of 144 random bits.
[[nodiscard]] std::string random_nonce();

}  // namespace seatrial::kafka::wire
