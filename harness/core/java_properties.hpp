// The format of Java's .properties files, as java.util.Properties reads it: comments (# and !),
// keys that end at `=`, `:` or a blank, lines that go on after a backslash, escapes (\n, \t, \:, a
// character by its number after \u). Bytes are UTF-8, as in files that Kafka's tools are given; a
// byte order mark at the beginning is passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace seatrial {

struct JavaProperty {
  std::string name, value;
  int line = 0;  // where it begins, from 1
  friend bool operator==(const JavaProperty&, const JavaProperty&) = default;
};

// In the order of the text; of a name that is given twice both (to Java the last one counts). The
// Error names the line of an escape that is none.
Result<std::vector<JavaProperty>> parse_java_properties(std::string_view text);

}  // namespace seatrial
