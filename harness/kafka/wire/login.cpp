// SaslHandshake v1, SaslAuthenticate v0.
#include "kafka/wire/login.hpp"

#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr auto handshake_api = static_cast<Api>(17);
constexpr auto authenticate_api = static_cast<Api>(36);

Login::Step authenticate(std::string_view message) {
  Writer body;
  body.int32(static_cast<std::int32_t>(message.size()));
  body.append(std::as_bytes(std::span(message)));
  return {.header = {.api = authenticate_api, .version = 0}, .body = body.take()};
}

// Nothing: the mechanism is taken.
std::optional<Error> handshake_refused(BytesView answer, const std::string& mechanism) {
  Cursor in(answer);
  const std::int16_t error = in.int16();
  std::string offered;
  for (std::size_t left = in.array(2); left > 0 && in.ok(); --left)
    offered += (offered.empty() ? "" : ", ") + in.string();
  if (!in.ok()) return malformed_answer("SaslHandshake");
  if (error == 0) return std::nullopt;
  return Error{"the broker does not take logins by " + mechanism + " (" + error_name(error) +
                   "); it offers " + (offered.empty() ? "none" : offered),
               "set sasl.mechanism"};
}

Result<std::string> server_message(BytesView answer, const std::string& mechanism) {
  Cursor in(answer);
  const std::int16_t error = in.int16();
  const std::string why = in.string();
  const std::int32_t size = in.int32();
  const auto bytes = in.bytes(size < 0 ? 0 : static_cast<std::uint64_t>(size));
  if (!in.ok()) return malformed_answer("SaslAuthenticate");
  if (error == 0) return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return Error{
      "login by " + mechanism + " refused: " + error_name(error) + (why.empty() ? "" : ": " + why),
      "see username and password"};
}

}  // namespace

Login::Login(const Security& security, std::string nonce) : security_(&security) {
  const auto& [mechanism, user, password] = security.login();
  if (!mechanism.starts_with("SCRAM")) return;
  scram_.emplace(mechanism.ends_with("512") ? "SHA512" : "SHA256", user, password,
                 std::move(nonce));
}

Login::Step Login::begin() const {
  Writer body;
  body.string(mechanism());
  return {.header = {.api = handshake_api, .version = 1}, .body = body.take()};
}

Result<std::optional<Login::Step>> Login::next(BytesView answer) {
  if (++answers_ == 1) {
    if (auto refused = handshake_refused(answer, mechanism())) return *refused;
    if (scram_) return std::optional(authenticate(scram_->first()));
    const auto& login = security_->login();
    std::string message;
    message.append(1, '\0').append(login.user).append(1, '\0').append(login.password);
    return std::optional(authenticate(message));
  }
  const auto said = server_message(answer, mechanism());
  if (!said) return said.error();
  if (!scram_) return std::optional<Step>();
  return next_of_scram(*said);
}

Result<std::optional<Login::Step>> Login::next_of_scram(const std::string& said) {
  if (answers_ == 2) {
    const auto last = scram_->last(said);
    if (!last) return last.error();
    return std::optional(authenticate(*last));
  }
  if (auto refused = scram_->verify(said)) return *refused;
  return std::optional<Step>();
}

}  // namespace seatrial::kafka::wire
