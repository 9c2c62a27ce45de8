// What a client.properties, as Kafka's own tools take it, says of how to connect: Java's names and
// values become librdkafka's, and every name without a counterpart is told.
//
// Only how to connect is taken (security.*, ssl.*, sasl.*, bootstrap.servers): how clients batch,
// wait and commit is what a scenario tries, and stands there.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace seatrial {

struct JavaConnection {
  std::map<std::string, std::string> properties;  // by librdkafka's names; with secrets
  std::string bootstrap;                          // bootstrap.servers; empty: not given
  std::vector<std::string> notes;     // what has no counterpart and is left out, a sentence each
  std::vector<std::string> refusals;  // what nobody here can connect by, and what to do
  // Values that must not be shown: passwords, keys, and all that the environment brought.
  std::vector<std::string> secrets;
};

// Gives the value of an environment variable; nothing if it is not set.
using Variables = std::function<std::optional<std::string>(const std::string&)>;

// `${env:NAME}` in a value stands for that variable, `$${` for `${`. The Error says which line is
// no property, or which variable is not set. Reads no file: relative paths in values start at
// `folder`. Pure.
Result<JavaConnection> translate_java_connection(std::string_view text, const Variables& variables,
                                                 const std::filesystem::path& folder);
// The same of a file, in whose folder relative paths start; errors begin with its path.
Result<JavaConnection> read_java_connection(const std::filesystem::path& file,
                                            const Variables& variables);

// The options of `sasl.jaas.config`, `MODULE required name="value" ...;`, by name. The Error says
// what is missing.
Result<std::map<std::string, std::string>> parse_jaas(std::string_view text);

}  // namespace seatrial
