// Reads one JSON text from left to right without building anything. The first mistake sticks: every
// later call refuses, and `error()` says where it was and what was expected. Nesting is limited, so
// that no input can exhaust the stack. Does not convert numbers other than 64-bit integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "operations/names.hpp"

namespace seatrial::operations {

struct SyntaxError {
  std::size_t at = 0;  // bytes before it
  std::string message;
  std::string hint;  // what to do about it, where that is known
};

class Cursor {
 public:
  explicit Cursor(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  // The next character after white space; 0 at the end of the text.
  char peek();
  // Steps over `c` if it is next.
  [[nodiscard]] bool accept(char c);
  // As accept, but anything else is a mistake: "expected `what`, found ...".
  bool expect(char c, std::string_view what);
  // Between elements: true to go on (after a comma), false at the end or after a mistake. Call it
  // before each element, with `first` true before the first one.
  [[nodiscard]] bool element(char close, bool first);

  // A string as canonical JSON text, quotes included. Valid until the next string or scalar.
  [[nodiscard]] std::string_view string(std::string_view what);
  // A member's name and its colon.
  [[nodiscard]] std::string_view member();
  [[nodiscard]] Scalar scalar(std::string_view what);
  [[nodiscard]] std::int64_t integer(std::string_view what);
  // Checks and steps over any value; returns where it lay.
  std::string_view skip(int depth = 0);

  void fail(std::string message) { fail_at(at_, std::move(message)); }
  void fail_at(std::size_t at, std::string message, std::string hint = {});
  // "expected `what`, found ..." at the next character.
  void expected(std::string_view what);
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] const SyntaxError& error() const { return *error_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  [[nodiscard]] std::string_view number();
  [[nodiscard]] std::string_view decoded(std::size_t begin);
  bool escape(std::string& out);
  [[nodiscard]] std::optional<std::uint32_t> hex();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string scratch_;
  std::optional<SyntaxError> error_;
};

// The content of a canonical string token, for messages and comparisons with plain words.
[[nodiscard]] inline std::string_view unquoted(std::string_view token) {
  return token.size() < 2 ? token : token.substr(1, token.size() - 2);
}

}  // namespace seatrial::operations
