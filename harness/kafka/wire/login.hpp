// The requests of a login and their order, without sockets: SaslHandshake names the mechanism, then
// SaslAuthenticate carries its messages until both sides are content.
//
//     Login login(security);
//     for (auto step = login.begin(); ...) { ask(step.header, step.body); auto next =
//     login.next(answer); }
#pragma once

#include <optional>
#include <string>

#include "kafka/wire/messages.hpp"
#include "kafka/wire/scram.hpp"
#include "kafka/wire/security.hpp"

namespace seatrial::kafka::wire {

class Login {
 public:
  // `security` logs in, and outlives this. `nonce`: for SCRAM.
  explicit Login(const Security& security, std::string nonce = random_nonce());

  struct Step {
    RequestHeader header;
    Bytes body;
  };
  [[nodiscard]] Step begin() const;
  // What to send after the last step's answer (its body); nothing: logged in. The Error says why
  // the broker refuses, in its words.
  Result<std::optional<Step>> next(BytesView answer);

 private:
  Result<std::optional<Step>> next_of_scram(const std::string& said);
  [[nodiscard]] std::string mechanism() const { return security_->login().mechanism; }

  const Security* security_;
  std::optional<Scram> scram_;
  int answers_ = 0;
};

}  // namespace seatrial::kafka::wire
