// How a connection by wire is secured: TLS, a login, both, or neither. Made once of the same
// properties that librdkafka takes, and shared by all connections; never changed, so safe to share
// between threads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace seatrial::kafka::wire {

class Security;
using SecurityPtr = std::shared_ptr<const Security>;  // null: plaintext, and nobody logs in

class Security {
 public:
  // By librdkafka's names: security.protocol, ssl.ca.location, sasl.username, ... Null where these
  // ask for plaintext. The Error names a property that cannot be done by wire, or a file that
  // cannot be read, and never shows a secret.
  static Result<SecurityPtr> from(const std::map<std::string, std::string>& properties);

  struct Login {
    std::string mechanism;  // PLAIN, SCRAM-SHA-256, SCRAM-SHA-512; empty: none
    std::string user, password;
  };

  [[nodiscard]] bool tls() const { return context_ != nullptr; }
  [[nodiscard]] bool logs_in() const { return !login_.mechanism.empty(); }
  [[nodiscard]] const Login& login() const { return login_; }
  [[nodiscard]] ssl_ctx_st* context() const { return context_.get(); }
  // Whether the broker's certificate has to name the host that was dialled.
  [[nodiscard]] bool checks_host() const { return checks_host_; }

 private:
  Security() = default;

  std::shared_ptr<ssl_ctx_st> context_;
  Login login_;
  bool checks_host_ = true;
};

// Whether a property says how to connect (security.*, ssl.*, sasl.* and their switches), and
// whether it is one that wire connections know.
[[nodiscard]] bool is_security(std::string_view name);
[[nodiscard]] bool understood_by_security(std::string_view name);
// Why a wire connection cannot do with that property, or with its value; empty if it can, or if it
// is none of those.
[[nodiscard]] std::string refused_by_security(std::string_view name, std::string_view value);

}  // namespace seatrial::kafka::wire
