// Splitting at the first '=', and looking at both sides.
#include "cli/labels.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/check.hpp"
#include "core/json_text.hpp"
#include "core/names.hpp"
#include "core/utf8.hpp"

namespace seatrial::cli {
namespace {

// As a terminal can show it, whatever was typed.
std::string shown(std::string_view given) { return json_text(nlohmann::json(given)); }

// What is wrong with a value; empty if nothing.
std::string wrong_value(std::string_view value) {
  if (const auto at = first_not_utf8(value)) return not_utf8(value, *at) + "; write it as UTF-8";
  const auto control = std::ranges::find_if(
      value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
  if (control == value.end()) return "";
  return "its value holds " + control_text(*control) + "; give one line of text without any";
}

// What is wrong with one; empty if nothing.
std::string wrong_label(std::string_view given, const std::map<std::string, std::string>& before) {
  const auto equals = given.find('=');
  if (equals == given.npos) return "has no '='; write --label KEY=VALUE, as in commit=1f2e3d4";
  const std::string key(given.substr(0, equals));
  if (key.empty()) return "has no key before '='; write --label KEY=VALUE, as in commit=1f2e3d4";
  if (!wrong_name(key, longest_name).empty()) {
    return "its key is no name: 1 to " + std::to_string(longest_name) +
           " of a-z A-Z 0-9 . _ -, not beginning with . or -";
  }
  if (before.contains(key)) return "its key was given before; give each key once";
  return wrong_value(given.substr(equals + 1));
}

}  // namespace

std::map<std::string, std::string> parse_labels(const std::vector<std::string>& given) {
  std::map<std::string, std::string> out;
  std::string mistakes;
  for (const std::string& one : given) {
    if (const auto why = wrong_label(one, out); !why.empty()) {
      mistakes += (mistakes.empty() ? "--label " : "\n--label ") + shown(one) + ": " + why;
      continue;
    }
    const auto equals = one.find('=');
    out.emplace(one.substr(0, equals), one.substr(equals + 1));
  }
  if (!mistakes.empty()) throw UsageError(mistakes);
  return out;
}

}  // namespace seatrial::cli
