// With the names of RFC 5802, section 3.
#include "kafka/wire/scram.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "core/check.hpp"
#include "core/units.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::int64_t least_rounds = 4096, most_rounds = 1'000'000;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string out(3 * text.size() / 4, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const auto padding = text.size() - 1 - std::min(text.find_last_not_of('='), text.size() - 1);
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const auto* made = HMAC(digest, key.data(), static_cast<int>(key.size()), bytes_of(text),
                          text.size(), reinterpret_cast<unsigned char*>(out.data()), &size);
  check(made != nullptr, "OpenSSL computes an HMAC");
  out.resize(size);
  return out;
}

std::string hash(const EVP_MD* digest, std::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const int made = EVP_Digest(text.data(), text.size(),
                              reinterpret_cast<unsigned char*>(out.data()), &size, digest, nullptr);
  check(made == 1, "OpenSSL computes a digest");
  out.resize(size);
  return out;
}

// Hi(password, salt, rounds), which is PBKDF2.
std::string salted(const EVP_MD* digest, std::string_view password, std::string_view salt,
                   int rounds) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(digest)), '\0');
  const int made =
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                        static_cast<int>(salt.size()), rounds, digest, static_cast<int>(out.size()),
                        reinterpret_cast<unsigned char*>(out.data()));
  check(made == 1, "OpenSSL computes PBKDF2");
  return out;
}

// A name's `,` and `=` are written otherwise.
std::string sasl_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '=') out += "=3D";
    else if (c == ',') out += "=2C";
    else out += c;
  }
  return out;
}

// The value of `r=...` among attributes separated by commas; nothing if there is none.
std::optional<std::string> attribute(std::string_view message, char name) {
  while (!message.empty()) {
    const auto end = std::min(message.find(','), message.size());
    const auto one = message.substr(0, end);
    if (one.size() > 1 && one[0] == name && one[1] == '=') return std::string(one.substr(2));
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return std::nullopt;
}

}  // namespace

Scram::Scram(std::string digest, std::string_view user, std::string password, std::string nonce)
    : digest_(std::move(digest)),
      password_(std::move(password)),
      nonce_(std::move(nonce)),
      first_bare_("n=" + sasl_name(user) + ",r=" + nonce_) {}

std::string Scram::first() const { return "n,," + first_bare_; }

Result<std::string> Scram::last(std::string_view server_first) {
  const EVP_MD* digest = EVP_get_digestbyname(digest_.c_str());
  check(digest != nullptr, "OpenSSL knows the digest");
  const auto nonce = attribute(server_first, 'r');
  const auto salt = from_base64(attribute(server_first, 's').value_or(""));
  const auto rounds = parse_integer(attribute(server_first, 'i').value_or(""));
  if (!nonce || !salt || !rounds) return Error{"the broker's SCRAM challenge is malformed", ""};
  if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size())
    return Error{"the broker answered another SCRAM login than ours", ""};
  if (*rounds < least_rounds || *rounds > most_rounds) {
    return Error{"the broker asks for " + std::to_string(*rounds) +
                     " rounds of SCRAM, not 4096 to " + std::to_string(most_rounds),
                 ""};
  }
  const std::string key = salted(digest, password_, *salt, static_cast<int>(*rounds));
  const std::string without_proof = "c=biws,r=" + *nonce;
  const std::string auth = first_bare_ + "," + std::string(server_first) + "," + without_proof;
  const std::string client_key = hmac(digest, key, "Client Key");
  std::string proof = hmac(digest, hash(digest, client_key), auth);
  for (std::size_t i = 0; i < proof.size(); ++i)
    proof[i] = static_cast<char>(static_cast<unsigned char>(proof[i]) ^
                                 static_cast<unsigned char>(client_key[i]));
  server_signature_ = to_base64(hmac(digest, hmac(digest, key, "Server Key"), auth));
  return without_proof + ",p=" + to_base64(proof);
}

std::optional<Error> Scram::verify(std::string_view server_last) const {
  if (const auto refused = attribute(server_last, 'e'))
    return Error{"SCRAM login refused: " + *refused, ""};
  const auto signature = attribute(server_last, 'v');
  const bool same =
      signature && !server_signature_.empty() && signature->size() == server_signature_.size() &&
      CRYPTO_memcmp(signature->data(), server_signature_.data(), server_signature_.size()) == 0;
  if (same) return std::nullopt;
  return Error{
      "the broker does not prove that it knows the password: it may not be the one that "
      "was meant",
      ""};
}

std::string salted_password(const std::string& digest, std::string_view password,
                            std::string_view salt, int rounds) {
  const EVP_MD* found = EVP_get_digestbyname(digest.c_str());
  check(found != nullptr, "OpenSSL knows the digest");
  return salted(found, password, salt, rounds);
}

std::string random_nonce() {
  std::array<unsigned char, 18> bytes{};
  check(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "OpenSSL gives randomness");
  return to_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace seatrial::kafka::wire
