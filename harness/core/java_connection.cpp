// Each name has a rule in one of three tables: what stays, what cannot be done, what is left out.
// Key stores, logins and tokens take several names together, and have a function each.
#include "core/java_connection.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>

#include "core/java_properties.hpp"
#include "core/read_file.hpp"

namespace seatrial {
namespace {

namespace fs = std::filesystem;

// Both clients' alike.
constexpr std::array<std::string_view, 4> kept_names = {
    "ssl.key.password", "sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.scope",
    "sasl.oauthbearer.extensions"};

struct LeftOut {
  std::string_view name, why;
};
constexpr std::array left_out = {
    LeftOut{"client.dns.lookup", "all addresses of a name are tried anyway"},
    LeftOut{"client.id", "the harness names its clients"},
    LeftOut{"ssl.cipher.suites", "OpenSSL's own choice is offered"},
    LeftOut{"ssl.enabled.protocols", "TLS 1.2 and 1.3 are spoken"},
    LeftOut{"ssl.keymanager.algorithm", "it is Java's own"},
    LeftOut{"ssl.protocol", "TLS 1.2 and 1.3 are spoken"},
    LeftOut{"ssl.provider", "it is Java's own"},
    LeftOut{"ssl.secure.random.implementation", "OpenSSL's is used"},
    LeftOut{"ssl.trustmanager.algorithm", "it is Java's own"},
    LeftOut{"ssl.truststore.password", "certificates in PEM need none"},
};

std::string to_lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string to_upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

bool about_connecting(std::string_view name) {
  return name.starts_with("ssl.") || name.starts_with("sasl.") || name.starts_with("security.");
}

class Translation {
 public:
  Translation(std::map<std::string, std::string> given, const Variables& variables, fs::path folder)
      : given_(std::move(given)), variables_(variables), folder_(std::move(folder)) {}

  Result<JavaConnection> run() {
    read_protocol();
    read_mechanism();
    read_trust();
    read_keys();
    read_login();
    for (const auto name : kept_names) {
      if (auto value = take(std::string(name))) put(std::string(name), *value);
    }
    if (auto text = take("bootstrap.servers")) out_.bootstrap = *text;
    tell_the_rest();
    if (unset_) return *unset_;
    std::ranges::sort(out_.secrets);
    out_.secrets.erase(std::unique(out_.secrets.begin(), out_.secrets.end()), out_.secrets.end());
    std::erase(out_.secrets, "");
    return std::move(out_);
  }

 private:
  void read_protocol() {
    const auto text = to_lower(take("security.protocol").value_or("plaintext"));
    put("security.protocol", text);
    if (auto algorithm = take("ssl.endpoint.identification.algorithm")) {
      put("ssl.endpoint.identification.algorithm",
          algorithm->empty() ? "none" : to_lower(*algorithm));
    }
  }

  void read_mechanism() {
    sasl_ = out_.properties.at("security.protocol").starts_with("sasl");
    const auto written = take("sasl.mechanism");
    if (auto handler = take("sasl.client.callback.handler.class")) {
      refuse("sasl.client.callback.handler.class",
             "'" + *handler + "' is Java code, which cannot be run here");
    }
    mechanism_ = to_upper(written.value_or(sasl_ ? "GSSAPI" : ""));
    if (mechanism_.empty()) return;
    static constexpr std::array<std::string_view, 3> spoken = {"PLAIN", "SCRAM-SHA-256",
                                                               "SCRAM-SHA-512"};
    if (std::ranges::find(spoken, mechanism_) != spoken.end())
      return put("sasl.mechanism", mechanism_);
    std::string why =
        "the connections of the harness itself log in by PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or "
        "a client certificate (security.protocol=SSL)";
    if (mechanism_ == "AWS_MSK_IAM") why += "; on MSK, give the cluster SCRAM or TLS beside IAM";
    refuse("sasl.mechanism",
           mechanism_ + (written ? "" : ", which is Java's default,") + " is not built: " + why);
  }

  void read_trust() {
    const auto type = to_upper(take("ssl.truststore.type").value_or(""));
    if (auto inline_text = take("ssl.truststore.certificates")) put("ssl.ca.pem", *inline_text);
    const auto file = take("ssl.truststore.location");
    if (!file) return;
    if (type == "PEM" || (type.empty() && file->ends_with(".pem")))
      return put("ssl.ca.location", path_of(*file));
    const bool pkcs12 = type == "PKCS12" || file->ends_with(".p12") || file->ends_with(".pfx");
    const std::string make = pkcs12 ? "openssl pkcs12 -in " + *file + " -nokeys -out ca.pem"
                                    : "keytool -list -rfc -keystore " + *file + " > ca.pem";
    refuse("ssl.truststore.location",
           "certificates are read from PEM, not from a Java key store: make one by `" + make +
               "`, and set ssl.truststore.type=PEM and ssl.truststore.location=ca.pem");
  }

  void read_keys() {
    const auto type = to_upper(take("ssl.keystore.type").value_or(""));
    const auto password = take_secret("ssl.keystore.password");
    if (auto chain = take("ssl.keystore.certificate.chain")) put("ssl.certificate.pem", *chain);
    if (auto key = take_secret("ssl.keystore.key")) put("ssl.key.pem", *key);
    if (given_.contains("ssl.key.password")) hide(expanded(given_.at("ssl.key.password")));
    const auto file = take("ssl.keystore.location");
    if (!file) return;
    if (type == "PEM" || (type.empty() && file->ends_with(".pem"))) {
      put("ssl.certificate.location", path_of(*file));
      return put("ssl.key.location", path_of(*file));
    }
    if (type == "PKCS12" || file->ends_with(".p12") || file->ends_with(".pfx")) {
      put("ssl.keystore.location", path_of(*file));
      if (password) put("ssl.keystore.password", *password);
      return;
    }
    refuse("ssl.keystore.location",
           "a Java key store (JKS) cannot be read here: make a PKCS12 of it by `keytool "
           "-importkeystore -srckeystore " +
               *file +
               " -destkeystore client.p12 -deststoretype PKCS12`, and set "
               "ssl.keystore.type=PKCS12 and ssl.keystore.location=client.p12");
  }

  void read_login() {
    const auto it = given_.find("sasl.jaas.config");
    if (it == given_.end()) {
      if (sasl_ && (mechanism_ == "PLAIN" || mechanism_.starts_with("SCRAM")))
        refuse("sasl.jaas.config", "it is missing: with " + mechanism_ +
                                       " it says username and password, `org.apache.kafka.common."
                                       "security... required username=\"...\" password=\"...\";`");
      return;
    }
    used_.insert(it->first);
    const auto options = parse_jaas(it->second);
    if (!options) return refuse("sasl.jaas.config", options.error().message);
    for (const auto& [name, text] : *options) {
      const std::string value = expanded(text);
      if (name == "username") {
        put("sasl.username", value);
      } else if (name == "password") {
        hide(value);
        put("sasl.password", value);
      } else if (mechanism_ != "OAUTHBEARER") {
        out_.notes.push_back("sasl.jaas.config: '" + name + "' has no counterpart");
      }
    }
  }

  void tell_the_rest() {
    for (const auto& [name, value] : given_) {
      if (used_.contains(name)) continue;
      const auto known = std::ranges::find(left_out, name, &LeftOut::name);
      std::string why = known != left_out.end() ? "is left out: " + std::string(known->why)
                        : about_connecting(name)
                            ? "has no counterpart and is left out"
                            : "is not taken: it does not say how to connect; what clients do "
                              "stands under `properties:` of the scenario's workloads";
      out_.notes.push_back("'" + name + "' " + std::move(why));
    }
  }

  std::optional<std::string> take(const std::string& name) {
    const auto it = given_.find(name);
    if (it == given_.end()) return std::nullopt;
    used_.insert(name);
    return expanded(it->second);
  }
  std::optional<std::string> take_secret(const std::string& name) {
    auto value = take(name);
    if (value) hide(*value);
    return value;
  }
  void put(const std::string& name, const std::string& value) { out_.properties[name] = value; }
  void hide(const std::string& value) { out_.secrets.push_back(value); }
  void refuse(const std::string& name, const std::string& why) {
    out_.refusals.push_back("'" + name + "': " + why);
  }
  [[nodiscard]] std::string path_of(const std::string& file) const {
    return (folder_ / file).lexically_normal().string();
  }

  std::string expanded(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      const auto end = text.compare(i, 6, "${env:") == 0 ? text.find('}', i) : std::string::npos;
      if (text.compare(i, 3, "$${") == 0) {
        out += "${";
        i += 3;
      } else if (end != std::string::npos) {
        const std::string name = text.substr(i + 6, end - i - 6);
        const auto value = variables_(name);
        if (!value && !unset_)
          unset_ = Error{"environment variable '" + name + "' is not set", "set it"};
        hide(value.value_or(""));
        out += value.value_or("");
        i = end + 1;
      } else {
        out += text[i++];
      }
    }
    return out;
  }

  std::map<std::string, std::string> given_;
  const Variables& variables_;
  fs::path folder_;
  bool sasl_ = false;
  std::string mechanism_;
  std::set<std::string> used_;
  JavaConnection out_;
  std::optional<Error> unset_;
};

// Of a login module's words: up to a blank, `=` or `;`, or what stands in quotes.
std::string take_word(std::string_view& text) {
  std::string out;
  const bool quoted = !text.empty() && (text.front() == '"' || text.front() == '\'');
  if (!quoted) {
    const auto end = std::min(text.find_first_of(" \t\r\n=;"), text.size());
    out = text.substr(0, end);
    text.remove_prefix(end);
    return out;
  }
  const char quote = text.front();
  text.remove_prefix(1);
  while (!text.empty() && text.front() != quote) {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    out += text.front();
    text.remove_prefix(1);
  }
  text.remove_prefix(std::min<std::size_t>(1, text.size()));
  return out;
}

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

}  // namespace

Result<std::map<std::string, std::string>> parse_jaas(std::string_view text) {
  skip_blanks(text);
  const std::string module = take_word(text);
  skip_blanks(text);
  const std::string flag = to_lower(take_word(text));
  if (module.empty() || flag.empty())
    return Error{"it is written as MODULE required name=\"value\" ...;", ""};
  std::map<std::string, std::string> out;
  while (true) {
    skip_blanks(text);
    if (text.empty()) return Error{"it lacks the `;` at its end", ""};
    if (text.front() == ';') break;
    const std::string name = take_word(text);
    skip_blanks(text);
    if (name.empty() || text.empty() || text.front() != '=')
      return Error{"after `" + flag + "` each option is written as name=\"value\"", ""};
    text.remove_prefix(1);
    skip_blanks(text);
    out[name] = take_word(text);
  }
  return out;
}

Result<JavaConnection> translate_java_connection(std::string_view text, const Variables& variables,
                                                 const fs::path& folder) {
  const auto parsed = parse_java_properties(text);
  if (!parsed) return parsed.error();
  std::map<std::string, std::string> given;
  for (const auto& [name, value, line] : *parsed) given[name] = value;
  return Translation(std::move(given), variables, folder).run();
}

Result<JavaConnection> read_java_connection(const fs::path& file, const Variables& variables) {
  constexpr std::uint64_t most = 1 << 20;
  const auto text = read_file(file, most);
  if (!text) return Error{file.string() + ": " + text.error().message, text.error().hint};
  auto out = translate_java_connection(*text, variables, file.parent_path());
  if (!out) return Error{file.string() + ": " + out.error().message, out.error().hint};
  return out;
}

}  // namespace seatrial
