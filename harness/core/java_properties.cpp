// First whole lines, then the two halves of each, then their escapes.
#include "core/java_properties.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace seatrial {
namespace {

constexpr std::string_view blanks = " \t\f";

struct Line {
  std::string text;  // joined, its escapes still in it
  int number = 0;
};

std::string_view without_leading_blanks(std::string_view text) {
  const auto at = text.find_first_not_of(blanks);
  return at == text.npos ? std::string_view() : text.substr(at);
}

// An odd number of backslashes at its end.
bool goes_on(std::string_view line) {
  const auto last = line.find_last_not_of('\\');
  const auto slashes = last == line.npos ? line.size() : line.size() - last - 1;
  return slashes % 2 == 1;
}

// Up to a line's end, which is \n, \r or both.
std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find_first_of("\r\n"), text.size());
  const auto line = text.substr(0, end);
  const bool both = text.substr(end).starts_with("\r\n");
  text.remove_prefix(std::min(end + (both ? 2 : 1), text.size()));
  return line;
}

// Comments and empty lines left out. A line that a comment ends in a backslash does not go on.
std::vector<Line> logical_lines(std::string_view text) {
  std::vector<Line> out;
  for (int number = 1; !text.empty(); ++number) {
    auto natural = without_leading_blanks(take_line(text));
    if (natural.empty() || natural.front() == '#' || natural.front() == '!') continue;
    Line line{std::string(natural), number};
    while (goes_on(line.text)) {
      line.text.pop_back();
      if (text.empty()) break;
      line.text += without_leading_blanks(take_line(text));
      ++number;
    }
    out.push_back(std::move(line));
  }
  return out;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80U) return byte(code);
  if (code < 0x800U) {
    byte(0xc0U | (code >> 6U));
  } else {
    if (code < 0x10000U) {
      byte(0xe0U | (code >> 12U));
    } else {
      byte(0xf0U | (code >> 18U));
      byte(0x80U | ((code >> 12U) & 0x3fU));
    }
    byte(0x80U | ((code >> 6U) & 0x3fU));
  }
  byte(0x80U | (code & 0x3fU));
}

// The four digits after \u.
std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t out = 0;
  for (const char c : text.substr(0, 4)) {
    const auto digit = c >= '0' && c <= '9'   ? c - '0'
                       : c >= 'a' && c <= 'f' ? c - 'a' + 10
                       : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                              : -1;
    if (digit < 0) return std::nullopt;
    out = out * 16 + static_cast<std::uint32_t>(digit);
  }
  return out;
}

bool is_high(std::uint32_t unit) { return unit >= 0xd800U && unit < 0xdc00U; }
bool is_low(std::uint32_t unit) { return unit >= 0xdc00U && unit < 0xe000U; }

// A character beyond 16 bits is written as two. `text` begins after the `u`; what was read is taken
// off it. Nothing: no character.
std::optional<std::uint32_t> code_point(std::string_view& text) {
  const auto first = hex4(text);
  if (!first || is_low(*first)) return std::nullopt;
  text.remove_prefix(4);
  if (!is_high(*first)) return first;
  const auto second = text.starts_with("\\u") ? hex4(text.substr(2)) : std::nullopt;
  if (!second || !is_low(*second)) return std::nullopt;
  text.remove_prefix(6);
  return 0x10000U + ((*first - 0xd800U) << 10U) + (*second - 0xdc00U);
}

// Nothing: an escape is none.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      if (c != '\\') out += c;
      continue;
    }
    const char escaped = text.front();
    text.remove_prefix(1);
    if (escaped == 'u') {
      const auto code = code_point(text);
      if (!code) return std::nullopt;
      append_utf8(out, *code);
      continue;
    }
    const auto known = std::string_view("ntrf").find(escaped);
    out += known == std::string_view::npos ? escaped : "\n\t\r\f"[known];
  }
  return out;
}

// Where the key ends: before the first separator that no backslash stands before.
std::size_t end_of_key(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') ++i;
    else if (std::string_view("=: \t\f").find(line[i]) != std::string_view::npos) return i;
  }
  return line.size();
}

}  // namespace

Result<std::vector<JavaProperty>> parse_java_properties(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  std::vector<JavaProperty> out;
  for (const Line& line : logical_lines(text)) {
    const std::string_view whole = line.text;
    const auto end = end_of_key(whole);
    auto rest = without_leading_blanks(whole.substr(end));
    if (!rest.empty() && (rest.front() == '=' || rest.front() == ':'))
      rest = without_leading_blanks(rest.substr(1));
    auto name = unescaped(whole.substr(0, end)), value = unescaped(rest);
    if (!name || !value) {
      return Error{"line " + std::to_string(line.number) +
                       ": \\u is followed by the four hexadecimal digits of a character",
                   ""};
    }
    out.push_back({std::move(*name), std::move(*value), line.number});
  }
  return out;
}

}  // namespace seatrial
