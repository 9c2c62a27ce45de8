// OpenSSL's own defaults stand, but for certificates, which are always asked for and compared.
#include "kafka/wire/security.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <optional>

namespace seatrial::kafka::wire {
namespace {

using Properties = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 18> understood = {
    "enable.ssl.certificate.verification",
    "sasl.mechanism",
    "sasl.mechanisms",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.cipher.suites",
    "ssl.curves.list",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.location",
    "ssl.keystore.password",
};
constexpr std::array<std::string_view, 3> mechanisms = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    Function(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

std::string value_of(const Properties& properties, const char* name) {
  const auto it = properties.find(name);
  return it == properties.end() ? "" : it->second;
}

std::string upper_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// What OpenSSL complains of, the first cause last.
Error refused(const std::string& name) {
  std::string text = "'" + name + "' cannot be used";
  while (const auto code = ERR_get_error()) {
    if (const char* reason = ERR_reason_error_string(code)) text += std::string(": ") + reason;
    if (ERR_GET_LIB(code) == ERR_LIB_SYS)
      text += std::string(": ") + std::strerror(ERR_GET_REASON(code));
  }
  return Error{text, ""};
}

// Of a key in PEM. Without a password OpenSSL would ask for one on the terminal.
int give_password(char* into, int size, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  const auto length = std::min(text.size(), static_cast<std::size_t>(std::max(size, 0)));
  std::memcpy(into, text.data(), length);
  return static_cast<int>(length);
}

Bio memory(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::optional<Error> trust(SSL_CTX& context, const Properties& properties) {
  if (const auto file = value_of(properties, "ssl.ca.location"); !file.empty() && file != "probe") {
    struct stat about {};
    const bool folder = stat(file.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
    const int done = folder ? SSL_CTX_load_verify_dir(&context, file.c_str())
                            : SSL_CTX_load_verify_file(&context, file.c_str());
    if (done != 1) return refused("ssl.ca.location");
    return std::nullopt;
  }
  const auto text = value_of(properties, "ssl.ca.pem");
  if (text.empty()) {
    if (SSL_CTX_set_default_verify_paths(&context) != 1) return refused("ssl.ca.location");
    return std::nullopt;
  }
  const auto bio = memory(text);
  int count = 0;
  while (const auto one = Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), one.get());
    ++count;
  }
  if (count == 0) return refused("ssl.ca.pem");
  ERR_clear_error();  // the text's end
  return std::nullopt;
}

std::optional<Error> use_inline(SSL_CTX& context, const std::string& chain, const std::string& key,
                                std::string& password) {
  const auto certificates = memory(chain);
  const Certificate own(PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr));
  if (!own || SSL_CTX_use_certificate(&context, own.get()) != 1)
    return refused("ssl.certificate.pem");
  while (auto* next = PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr))
    SSL_CTX_add_extra_chain_cert(&context, next);  // takes it over
  ERR_clear_error();
  const auto text = memory(key);
  const Key read(PEM_read_bio_PrivateKey(text.get(), nullptr, give_password, &password));
  if (!read || SSL_CTX_use_PrivateKey(&context, read.get()) != 1) return refused("ssl.key.pem");
  return std::nullopt;
}

std::optional<Error> use_pkcs12(SSL_CTX& context, const std::string& file,
                                const std::string& password) {
  const Bio bio(BIO_new_file(file.c_str(), "rb"));
  if (!bio) return refused("ssl.keystore.location");
  const std::unique_ptr<PKCS12, Free<PKCS12_free>> store(d2i_PKCS12_bio(bio.get(), nullptr));
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* chain = nullptr;
  if (!store || PKCS12_parse(store.get(), password.c_str(), &key, &certificate, &chain) != 1)
    return refused("ssl.keystore.location");
  const Key own_key(key);
  const Certificate own(certificate);
  const bool used = own && own_key && SSL_CTX_use_certificate(&context, own.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(&context, own_key.get()) == 1;
  while (chain != nullptr && sk_X509_num(chain) > 0) {
    X509* next = sk_X509_shift(chain);
    if (SSL_CTX_add_extra_chain_cert(&context, next) != 1) X509_free(next);
  }
  sk_X509_free(chain);
  if (!used) return refused("ssl.keystore.location");
  return std::nullopt;
}

// The client's own certificate, where it has one.
std::optional<Error> identify(SSL_CTX& context, const Properties& properties) {
  std::string password = value_of(properties, "ssl.key.password");
  if (const auto file = value_of(properties, "ssl.keystore.location"); !file.empty())
    return use_pkcs12(context, file, value_of(properties, "ssl.keystore.password"));
  if (const auto chain = value_of(properties, "ssl.certificate.pem"); !chain.empty())
    return use_inline(context, chain, value_of(properties, "ssl.key.pem"), password);
  const auto chain = value_of(properties, "ssl.certificate.location");
  if (chain.empty()) return std::nullopt;
  SSL_CTX_set_default_passwd_cb(&context, give_password);
  SSL_CTX_set_default_passwd_cb_userdata(&context, &password);
  std::optional<Error> out;
  if (SSL_CTX_use_certificate_chain_file(&context, chain.c_str()) != 1)
    out = refused("ssl.certificate.location");
  const auto key = value_of(properties, "ssl.key.location");
  if (!out && SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    out = refused("ssl.key.location");
  SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
  SSL_CTX_set_default_passwd_cb(&context, nullptr);
  return out;
}

std::optional<Error> choose_ciphers(SSL_CTX& context, const Properties& properties) {
  if (const auto suites = value_of(properties, "ssl.cipher.suites");
      !suites.empty() && SSL_CTX_set_cipher_list(&context, suites.c_str()) != 1)
    return refused("ssl.cipher.suites");
  if (const auto curves = value_of(properties, "ssl.curves.list");
      !curves.empty() && SSL_CTX_set1_groups_list(&context, curves.c_str()) != 1)
    return refused("ssl.curves.list");
  return std::nullopt;
}

Result<std::shared_ptr<ssl_ctx_st>> make_context(const Properties& properties) {
  ERR_clear_error();
  const std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) return refused("security.protocol");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
  const bool verifies = value_of(properties, "enable.ssl.certificate.verification") != "false";
  SSL_CTX_set_verify(context.get(), verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (auto failed = trust(*context, properties)) return *failed;
  if (auto failed = identify(*context, properties)) return *failed;
  if (auto failed = choose_ciphers(*context, properties)) return *failed;
  return context;
}

}  // namespace

bool is_security(std::string_view name) {
  return name.starts_with("ssl.") || name.starts_with("sasl.") || name.starts_with("security.") ||
         name.starts_with("enable.ssl") || name.starts_with("enable.sasl");
}

bool understood_by_security(std::string_view name) {
  return std::ranges::find(understood, name) != understood.end();
}

std::string refused_by_security(std::string_view name, std::string_view value) {
  if (!is_security(name)) return {};
  if (!understood_by_security(name)) return "'" + std::string(name) + "' cannot be done by wire";
  if (name == "sasl.mechanism" || name == "sasl.mechanisms") {
    if (std::ranges::find(mechanisms, upper_case(std::string(value))) != mechanisms.end())
      return {};
    return "'" + std::string(name) +
           "': wire connections log in by PLAIN, SCRAM-SHA-256 and "
           "SCRAM-SHA-512, not by " +
           std::string(value);
  }
  return {};
}

Result<SecurityPtr> Security::from(const Properties& properties) {
  for (const auto& [name, value] : properties) {
    if (auto why = refused_by_security(name, value); !why.empty()) return Error{why, ""};
  }
  const std::string protocol = upper_case(value_of(properties, "security.protocol"));
  if (protocol.empty() || protocol == "PLAINTEXT") return SecurityPtr();
  std::shared_ptr<Security> out(new Security);
  if (protocol.starts_with("SASL")) {
    auto mechanism = value_of(properties, "sasl.mechanism");
    if (mechanism.empty()) mechanism = value_of(properties, "sasl.mechanisms");
    if (mechanism.empty())
      return Error{"'sasl.mechanism' is missing, which " + protocol + " needs",
                   "write PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"};
    out->login_ = {.mechanism = upper_case(mechanism),
                   .user = value_of(properties, "sasl.username"),
                   .password = value_of(properties, "sasl.password")};
  }
  if (protocol.ends_with("SSL")) {
    auto context = make_context(properties);
    if (!context) return context.error();
    out->context_ = std::move(*context);
    const auto algorithm = value_of(properties, "ssl.endpoint.identification.algorithm");
    out->checks_host_ = algorithm != "none" &&
                        value_of(properties, "enable.ssl.certificate.verification") != "false";
  }
  return SecurityPtr(std::move(out));
}

}  // namespace seatrial::kafka::wire
