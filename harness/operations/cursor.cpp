// The grammar is RFC 8259's. Canonical text: strings escape only what must be, with the short forms
// where JSON has them; integers of 64 bits are plain decimals; other numbers are the shortest text
// of their double, save integers beyond 64 bits, which keep their digits.
#include "operations/cursor.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "core/utf8.hpp"

namespace seatrial::operations {
namespace {

constexpr int max_depth = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  }
}

constexpr unsigned char del = 0x7f;  // JSON lets it stand in strings; a terminal does not

// Letters of the short escapes, and what they stand for.
constexpr std::array<std::pair<char, char>, 7> short_escapes{
    {{'"', '"'}, {'\\', '\\'}, {'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}}};

void append_canonical(std::string& out, std::uint32_t c) {
  for (const auto& [letter, meaning] : short_escapes) {
    if (c != static_cast<unsigned char>(meaning)) continue;
    out += '\\';
    out += letter;
    return;
  }
  if (c >= 0x20 && c != del) return append_utf8(out, c);
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[c >> 4];
  out += digits[c & 15];
}

}  // namespace

char Cursor::peek() {
  if (failed()) return '\0';
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
    ++at_;
  }
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool Cursor::accept(char c) {
  if (peek() != c || at_ >= text_.size() || failed()) return false;
  ++at_;
  return true;
}

bool Cursor::expect(char c, std::string_view what) {
  if (accept(c)) return true;
  expected(what);
  return false;
}

bool Cursor::element(char close, bool first) {
  if (accept(close)) return false;
  if (first) {
    if (!failed() && peek() == '\0' && at_ >= text_.size()) {
      expected(std::string("an element or '") + close + "'");
    }
    return !failed();
  }
  return expect(',', std::string("',' or '") + close + "'");
}

void Cursor::fail_at(std::size_t at, std::string message, std::string hint) {
  if (!failed()) error_ = SyntaxError{at, std::move(message), std::move(hint)};
}

void Cursor::expected(std::string_view what) {
  const char c = peek();
  if (failed()) return;
  std::string found;
  if (at_ >= text_.size()) {
    found = "the end of the line";
  } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) {
    char code[8];
    const auto end = std::to_chars(code, code + 8, static_cast<unsigned char>(c), 16).ptr;
    found = "byte 0x" + std::string(code, end);
  } else {
    constexpr std::size_t enough = 16;
    std::size_t end = at_ + 1;
    while (end < text_.size() && end < at_ + enough &&
           std::isalnum(static_cast<unsigned char>(c)) &&
           std::isalnum(static_cast<unsigned char>(text_[end]))) {
      ++end;
    }
    found = "'" + std::string(text_.substr(at_, end - at_)) + "'";
  }
  fail("expected " + std::string(what) + ", found " + found);
}

std::optional<std::uint32_t> Cursor::hex() {
  std::uint32_t out = 0;
  if (at_ + 4 > text_.size()) return std::nullopt;
  const char* begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, begin + 4, out, 16);
  if (error != std::errc{} || end != begin + 4) return std::nullopt;
  at_ += 4;
  return out;
}

// After the backslash.
bool Cursor::escape(std::string& out) {
  const std::size_t start = at_ - 1;
  if (at_ == text_.size()) {
    expected("the rest of a string");
    return false;
  }
  const char letter = text_[at_++];
  if (letter == '/') {
    out += '/';
    return true;
  }
  for (const auto& [known, meaning] : short_escapes) {
    if (letter == known) {
      append_canonical(out, static_cast<unsigned char>(meaning));
      return true;
    }
  }
  if (letter == 'u') {
    auto c = hex();
    if (c && *c >= 0xD800 && *c < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const auto low = hex();
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        append_utf8(out, 0x10000 + ((*c - 0xD800) << 10) + (*low - 0xDC00));
        return true;
      }
      c.reset();
    }
    if (c && (*c < 0xD800 || *c >= 0xE000)) {
      append_canonical(out, *c);
      return true;
    }
  }
  fail_at(start, "this escape in a string is not one of JSON's");
  return false;
}

// The rest of a string that has escapes, from its first character on.
std::string_view Cursor::decoded(std::size_t begin) {
  scratch_.assign(text_.substr(begin, at_ - begin));
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      scratch_ += text_[at_++];
      return scratch_;
    }
    if (c == '\\') {
      ++at_;
      if (!escape(scratch_)) return {};
      continue;
    }
    if (static_cast<unsigned char>(c) == del) {
      append_canonical(scratch_, static_cast<unsigned char>(text_[at_++]));
      continue;
    }
    const std::size_t length = utf8_length(text_.substr(at_));
    if (static_cast<unsigned char>(c) < 0x20 || length == 0) break;
    scratch_ += text_.substr(at_, length);
    at_ += length;
  }
  expected("the rest of a string in UTF-8");
  return {};
}

std::string_view Cursor::string(std::string_view what) {
  if (peek() != '"') {
    expected(what);
    return {};
  }
  const std::size_t begin = at_++;
  while (at_ < text_.size()) {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '"') {
      ++at_;
      return text_.substr(begin, at_ - begin);
    }
    if (c == '\\' || c < 0x20 || c >= del) return decoded(begin);
    ++at_;
  }
  fail_at(begin, "this string does not end");
  return {};
}

std::string_view Cursor::member() {
  const std::string_view name = string("a member's name");
  expect(':', "':' after a member's name");
  return failed() ? std::string_view{} : name;
}

// The text of a number, checked against the grammar.
std::string_view Cursor::number() {
  const std::size_t begin = at_;
  const auto here = [&] { return at_ < text_.size() ? text_[at_] : '\0'; };
  const auto digits = [&] {
    const std::size_t from = at_;
    while (is_digit(here())) ++at_;
    if (at_ == from) expected("a digit");
    return !failed();
  };
  if (here() == '-') ++at_;
  if (here() == '0') {
    ++at_;
  } else if (!digits()) {
    return {};
  }
  if (here() == '.') {
    ++at_;
    if (!digits()) return {};
  }
  if (here() == 'e' || here() == 'E') {
    ++at_;
    if (here() == '+' || here() == '-') ++at_;
    if (!digits()) return {};
  }
  return text_.substr(begin, at_ - begin);
}

Scalar Cursor::scalar(std::string_view what) {
  const char c = peek();
  Scalar out;
  if (c == '"') {
    out.token = string(what);
    return out;
  }
  for (const std::string_view word : {"true", "false", "null"}) {
    if (!text_.substr(at_).starts_with(word) || failed()) continue;
    at_ += word.size();
    out.token = word;
    return out;
  }
  if (c != '-' && !is_digit(c)) {
    expected(what);
    return out;
  }
  const std::size_t begin = at_;
  const std::string_view token = number();
  if (failed()) return out;
  const char* end = token.data() + token.size();
  const auto parsed = std::from_chars(token.data(), end, out.integer);
  out.is_integer = parsed.ec == std::errc{} && parsed.ptr == end;
  if (out.is_integer) return out;
  out.token = token;
  if (token.find_first_of(".eE") == token.npos) return out;
  double value = 0;
  if (std::from_chars(token.data(), end, value).ec != std::errc{} || !std::isfinite(value)) {
    fail_at(begin, "this number is beyond a double's range");
    return out;
  }
  char shortest[32];
  scratch_.assign(shortest, std::to_chars(shortest, shortest + sizeof shortest, value).ptr);
  // 1.0 is not the integer 1 to the languages that write such histories.
  if (scratch_.find_first_of(".e") == scratch_.npos) scratch_ += ".0";
  out.token = scratch_;
  return out;
}

std::int64_t Cursor::integer(std::string_view what) {
  const char c = peek();
  const std::size_t begin = at_;
  if (c != '-' && !is_digit(c)) {
    expected(what);
    return 0;
  }
  const std::string_view token = number();
  std::int64_t out = 0;
  const char* end = token.data() + token.size();
  const auto parsed = std::from_chars(token.data(), end, out);
  if (!failed() && (parsed.ec != std::errc{} || parsed.ptr != end)) {
    fail_at(begin, "expected " + std::string(what) + ", found " + std::string(token));
  }
  return failed() ? 0 : out;
}

std::string_view Cursor::skip(int depth) {
  const char c = peek();
  const std::size_t begin = at_;
  if (depth > max_depth) {
    fail("this is nested deeper than " + std::to_string(max_depth) + " levels");
  } else if (c == '{') {
    ++at_;
    for (bool first = true; element('}', first); first = false) {
      static_cast<void>(member());
      skip(depth + 1);
    }
  } else if (c == '[') {
    ++at_;
    for (bool first = true; element(']', first); first = false) skip(depth + 1);
  } else {
    static_cast<void>(scalar("a JSON value"));
  }
  return failed() ? std::string_view{} : text_.substr(begin, at_ - begin);
}

}  // namespace seatrial::operations
