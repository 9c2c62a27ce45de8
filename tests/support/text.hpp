// Looking for words in a text; a check that fails shows the text.
#pragma once

#include <string>

#include "support/catch.hpp"

namespace seatrial::test {

inline bool contains(const std::string& text, const std::string& words) {
  UNSCOPED_INFO(text);
  return text.find(words) != std::string::npos;
}

}  // namespace seatrial::test
