// What changes by itself in messages that goldens hold, taken out before they are compared.
#pragma once

#include <string>

namespace seatrial::test {

// The one such thing: the version of the client library.
inline std::string masked(std::string text) {
  const std::string word = "librdkafka ";
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto from = at + word.size();
    text.replace(from, text.find(' ', from) - from, "VERSION");
  }
  return text;
}

}  // namespace seatrial::test
