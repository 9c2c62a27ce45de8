// Blanks what is not code: comments, strings, raw strings and character literals become spaces, so
// that a brace in a text does not count. Digit separators (1'000) are told from characters by the
// letter or digit before them.
#include <algorithm>
#include <cctype>

#include "style/rules.hpp"

namespace seatrial::style {
namespace {

// Where the literal or comment that starts at `at` ends (one past it); `at` itself if none does.
std::size_t end_of_text(std::string_view source, std::size_t at) {
  const auto past = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = source.find(mark, from);
    return found == source.npos ? source.size() : found + mark.size();
  };
  const std::string_view rest = source.substr(at);
  if (rest.starts_with("//")) return std::min(source.find('\n', at), source.size());
  if (rest.starts_with("/*")) return past("*/", at + 2);
  const bool after_name =
      at > 0 && std::isalnum(static_cast<unsigned char>(source[at - 1])) != 0;
  if (rest.starts_with("R\"") && !after_name) {
    const std::size_t open = source.find('(', at);
    if (open == source.npos) return source.size();
    return past(")" + std::string(source.substr(at + 2, open - at - 2)) + "\"", open);
  }
  const bool character = rest.starts_with('\'') && !after_name;
  if (!character && !rest.starts_with('"')) return at;
  std::size_t end = at + 1;
  while (end < source.size() && source[end] != rest[0] && source[end] != '\n') {
    end += source[end] == '\\' ? 2 : 1;
  }
  return std::min(end + 1, source.size());
}

}  // namespace

std::string code_only(std::string_view source) {
  std::string code(source);
  for (std::size_t at = 0; at < source.size();) {
    const std::size_t end = end_of_text(source, at);
    for (std::size_t i = at; i < end; ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return code;
}

}  // namespace seatrial::style
