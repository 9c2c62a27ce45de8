// Values to text. Nothing here knows what a value means or where it is printed.
#include "reports/format.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/units.hpp"

namespace seatrial::reports {

namespace {

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

std::string count_text(const View& value, std::string_view otherwise) {
  const auto n = value.integer();
  if (!n) return std::string(otherwise);
  if (*n < 0) return "-" + format_count(static_cast<std::uint64_t>(-(*n + 1)) + 1);
  return format_count(static_cast<std::uint64_t>(*n));
}

std::string duration_text(const View& ns, std::string_view otherwise) {
  const auto n = ns.integer();
  return n ? format_duration(nanoseconds{*n}) : std::string(otherwise);
}

std::string bytes_text(const View& bytes, std::string_view otherwise) {
  const auto n = bytes.number();
  const bool whole = n && *n >= 0 && *n <= 9e18 && *n == std::floor(*n);
  return whole ? format_bytes(static_cast<std::uint64_t>(*n)) : std::string(otherwise);
}

std::string decimal(double value, int max_decimals) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  auto text = fmt::format("{:.{}f}", value, max_decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string seconds_text(const View& seconds, std::string_view otherwise) {
  const auto s = seconds.number();
  return s ? decimal(*s, 3) + " s" : std::string(otherwise);
}

std::string number_text(const View& value, std::string_view otherwise) {
  const auto n = value.number();
  if (!n) return std::string(otherwise);
  if (*n >= 1000 && *n < 9e15 && *n == std::floor(*n)) {
    return format_count(static_cast<std::uint64_t>(*n));
  }
  return decimal(*n, 4);
}

std::string share_text(const View& share, std::string_view otherwise) {
  const auto n = share.number();
  return n ? decimal(*n * 100, 2) + " %" : std::string(otherwise);
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += between;
    out += parts[i];
  }
  return out;
}

std::string list_text(const View& array) {
  std::vector<std::string> parts;
  for (const auto& item : array.items()) parts.push_back(item.text());
  return join(parts, ", ");
}

std::string pairs_text(const View& object) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : object.entries()) {
    std::vector<std::string> alternatives;
    for (const View& item : value.items()) alternatives.push_back(item.text());
    parts.push_back(key + "=" + (alternatives.empty() ? value.text() : join(alternatives, "|")));
  }
  return join(parts, ", ");
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += starts_code_point(c) ? 1U : 0U;
  return width;
}

std::string clip(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  const std::size_t keep = width > 3 ? width - 3 : 0;
  std::size_t seen = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    if (starts_code_point(text[end]) && seen++ == keep) break;
    ++end;
  }
  return std::string(text.substr(0, end)) + std::string(width - keep, '.');
}

std::string pad_right(std::string text, std::size_t width) {
  const auto have = width_of(text);
  if (have < width) text.append(width - have, ' ');
  return text;
}

std::string pad_left(std::string text, std::size_t width) {
  const auto have = width_of(text);
  return have < width ? std::string(width - have, ' ') + text : text;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t from = 0;
  while (from < text.size()) {
    const auto space = text.find(' ', from);
    const auto word = text.substr(from, space == std::string_view::npos ? space : space - from);
    from = space == std::string_view::npos ? text.size() : space + 1;
    if (word.empty()) continue;
    if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string one_line(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; at < out.size(); ++at) {
    const auto u = static_cast<unsigned char>(out[at]);
    if (u < 0x20U || u == 0x7FU) out[at] = ' ';
    // U+0080 to U+009F, which some terminals take as ESC and a letter.
    if (u != 0xC2U || at + 1 == out.size()) continue;
    const auto next = static_cast<unsigned char>(out[at + 1]);
    if (next >= 0x80U && next <= 0x9FU) out[at] = out[at + 1] = ' ';
  }
  return out;
}

}  // namespace seatrial::reports
