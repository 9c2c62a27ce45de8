// Parsing is exact: a decimal is a whole mantissa and a power of ten, scaled in 128 bits, and what
// does not come out whole is refused rather than rounded. Formatting never looks at the locale.
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/check.hpp"
#include "core/numbers.hpp"
#include "core/suggest.hpp"

namespace seatrial {
namespace {

__extension__ using Wide = unsigned __int128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// digits / 10^decimals, as written before a unit.
struct Decimal {
  std::uint64_t digits = 0;
  int decimals = 0;
};

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 8> duration_units{{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"min", 60'000'000'000},
                                              {"h", 3'600'000'000'000},
                                              {"d", 86'400'000'000'000}}};
constexpr std::array<Unit, 9> size_units{{{"B", 1},
                                          {"kB", 1'000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000},
                                          {"TB", 1'000'000'000'000},
                                          {"KiB", 1ULL << 10},
                                          {"MiB", 1ULL << 20},
                                          {"GiB", 1ULL << 30},
                                          {"TiB", 1ULL << 40}}};
constexpr std::array<Unit, 4> rate_units{{{"s", 1'000'000'000},
                                          {"min", 60'000'000'000},
                                          {"h", 3'600'000'000'000},
                                          {"ms", 1'000'000}}};
constexpr std::array<Unit, 3> rate_multiples{{{"", 1}, {"k", 1'000}, {"M", 1'000'000}}};

// What people write instead, and cannot be found by counting letters.
struct Alias {
  std::string_view wrong, right;
};
constexpr std::array<Alias, 17> aliases{{{"sec", "s"},     {"secs", "s"},   {"second", "s"},
                                         {"seconds", "s"}, {"mins", "m"},   {"minute", "m"},
                                         {"minutes", "m"}, {"hr", "h"},     {"hours", "h"},
                                         {"hour", "h"},    {"day", "d"},    {"days", "d"},
                                         {"msec", "ms"},   {"usec", "us"},  {"K", "KiB"},
                                         {"M", "MiB"},     {"G", "GiB"}}};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Takes the number off the front of `text`; nothing if there is none or it has too many digits.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal out;
  bool any = false, point = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point && any && i + 1 < text.size() && is_digit(text[i + 1])) {
      point = true;
      continue;
    }
    if (!is_digit(text[i])) break;
    const auto digit = static_cast<std::uint64_t>(text[i] - '0');
    if (out.digits > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    out.digits = out.digits * 10 + digit;
    if (point) ++out.decimals;
    any = true;
  }
  if (!any) return std::nullopt;
  text.remove_prefix(i);
  while (out.decimals > 0 && out.digits % 10 == 0) {  // 2.50 is 2.5
    out.digits /= 10;
    --out.decimals;
  }
  return out;
}

// decimal * factor if that is whole and fits below `limit`.
std::optional<std::uint64_t> scale(Decimal d, std::uint64_t factor, std::uint64_t limit) {
  Wide value = static_cast<Wide>(d.digits) * factor;
  for (int i = 0; i < d.decimals; ++i) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  if (value > limit) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::string unit_names(std::span<const Unit> units) {
  std::string out;
  for (const auto& unit : units) {
    if (!unit.name.empty()) out += (out.empty() ? "" : " ") + std::string(unit.name);
  }
  return out;
}

std::string suggest_unit(std::string_view wrong, std::span<const Unit> units) {
  std::vector<std::string> names;
  for (const auto& unit : units) names.emplace_back(unit.name);
  for (const auto& alias : aliases) {
    if (alias.wrong == wrong && std::find(names.begin(), names.end(), alias.right) != names.end()) {
      return " (did you mean '" + std::string(alias.right) + "'?)";
    }
  }
  return did_you_mean(wrong, names);
}

const Unit* find_unit(std::string_view name, std::span<const Unit> units) {
  const auto it =
      std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == name; });
  return it == units.end() ? nullptr : &*it;
}

struct Kind {
  std::string_view noun;     // "a duration"
  std::string_view example;  // "5s or 700ms"
  std::span<const Unit> units;
  std::uint64_t limit;
};

Result<std::uint64_t> parse_quantity(std::string_view text, const Kind& kind) {
  auto rest = trim(text);
  const auto written = in_quotes(rest);
  const auto usage = "write it as in " + std::string(kind.example);
  if (!rest.empty() && rest.front() == '-') {
    return Error{written + " is negative; " + std::string(kind.noun) + " is never", usage};
  }
  const auto number = take_decimal(rest);
  if (!number) return Error{written + " is not " + std::string(kind.noun), usage};
  rest = trim(rest);
  if (rest.empty()) {
    if (number->digits == 0) return std::uint64_t{0};
    return Error{written + " has no unit", usage};
  }
  const Unit* unit = find_unit(rest, kind.units);
  if (unit == nullptr) {
    return Error{
        "unknown unit " + in_quotes(rest) + " in " + written + suggest_unit(rest, kind.units),
        "units are " + unit_names(kind.units)};
  }
  const auto value = scale(*number, unit->factor, kind.limit);
  if (!value) {
    const bool too_large = scale({number->digits, 0}, unit->factor, kind.limit) == std::nullopt;
    return Error{written + (too_large ? " is too large" : " is finer than the smallest unit"), ""};
  }
  return *value;
}

// Three significant digits without trailing zeros, in the first unit in which the value stays below
// that unit's limit, after rounding.
struct Step {
  double factor;
  double limit;
  std::string_view name;
};

std::string three_digits(double value, std::span<const Step> steps) {
  for (const auto& step : steps) {
    const double scaled = value / step.factor;
    const int decimals = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
    auto text = fmt::format("{:.{}f}", scaled, decimals);
    if (std::round(scaled * std::pow(10, decimals)) / std::pow(10, decimals) >= step.limit &&
        &step != &steps.back()) {
      continue;
    }
    if (text.find('.') != std::string::npos) {
      while (text.back() == '0') text.pop_back();
      if (text.back() == '.') text.pop_back();
    }
    return text + " " + std::string(step.name);
  }
  return {};
}

}  // namespace

double Rate::per_second() const {
  if (unlimited) return std::numeric_limits<double>::infinity();
  return static_cast<double>(messages) * 1e9 / static_cast<double>(per.count());
}

Result<nanoseconds> parse_duration(std::string_view text) {
  const auto ns = parse_quantity(text, {"a duration", "5s or 700ms", duration_units,
                                        std::numeric_limits<std::int64_t>::max()});
  if (!ns) return ns.error();
  return nanoseconds{static_cast<std::int64_t>(*ns)};
}

Result<std::uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, {"a size", "256B or 4KiB", size_units,
                               std::numeric_limits<std::int64_t>::max()});
}

Result<Rate> parse_rate(std::string_view text) {
  auto rest = trim(text);
  const auto written = in_quotes(rest);
  const std::string usage = "write it as in 5000/s or 2.5k/s, or max for a closed loop";
  if (rest == "max") return Rate{.messages = 0, .per = std::chrono::seconds(1), .unlimited = true};
  const auto number = take_decimal(rest);
  if (!number) return Error{written + " is not a rate", usage};
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) {
    if (!trim(rest).empty()) return Error{written + " has no span of time", usage};
    return Error{written + " has no span of time (did you mean " + std::string(trim(text)) + "/s?)",
                 usage};
  }
  const auto multiple_name = trim(rest.substr(0, slash));
  const auto per_name = trim(rest.substr(slash + 1));
  const Unit* multiple = find_unit(multiple_name, rate_multiples);
  if (multiple == nullptr) {
    return Error{"unknown multiple " + in_quotes(multiple_name) + " in " + written +
                     suggest_unit(multiple_name, rate_multiples),
                 "multiples are k and M"};
  }
  const Unit* per = find_unit(per_name, rate_units);
  if (per == nullptr) {
    return Error{"unknown span of time " + in_quotes(per_name) + " in " + written +
                     suggest_unit(per_name, rate_units),
                 "spans are " + unit_names(rate_units)};
  }
  Wide messages = static_cast<Wide>(number->digits) * multiple->factor;
  Wide span_ns = per->factor;
  for (int i = 0; i < number->decimals; ++i) {  // 0.5/s is 5 in 10 s: exact
    if (messages % 10 == 0) messages /= 10;
    else span_ns *= 10;
  }
  constexpr Wide limit = std::numeric_limits<std::int64_t>::max();
  if (messages > limit || span_ns > limit) return Error{written + " is out of range", usage};
  if (messages == 0) return Error{written + " sends nothing", usage};
  // Messages are due at whole nanoseconds.
  if (messages > span_ns) return Error{written + " is above 1000000000/s, one a nanosecond", ""};
  return Rate{.messages = static_cast<std::uint64_t>(messages),
              .per = nanoseconds{static_cast<std::int64_t>(span_ns)}};
}

namespace {

// The whole of `text` as an integer.
template <class Integer>
Result<Integer> parse_whole(std::string_view text, int base = 10) {
  const auto all = trim(text);
  auto rest = all;
  if (rest.size() > 1 && rest.front() == '+' && is_digit(rest[1])) rest.remove_prefix(1);
  Integer value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, base);
  if (error == std::errc::result_out_of_range) {
    return Error{in_quotes(all) + (rest.starts_with('-') ? " is too small" : " is too large"), ""};
  }
  if (error != std::errc() || end != rest.data() + rest.size()) {
    return Error{
        in_quotes(all) + " is not a whole " + (base == 10 ? "decimal" : "hexadecimal") + " number",
        ""};
  }
  return value;
}

}  // namespace

Result<std::int64_t> parse_integer(std::string_view text) {
  return parse_whole<std::int64_t>(text);
}

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most) {
  auto value = parse_integer(text);
  if (!value || (*value >= least && *value <= most)) return value;
  return Error{"must be between " + std::to_string(least) + " and " + std::to_string(most) +
                   ", not " + std::string(trim(text)),
               ""};
}

Result<std::uint64_t> parse_unsigned(std::string_view text) {
  const auto all = trim(text);
  if (all.starts_with('-')) return Error{in_quotes(all) + " is negative", ""};
  return parse_whole<std::uint64_t>(text);
}

Result<std::uint64_t> parse_hexadecimal(std::string_view text) {
  return parse_whole<std::uint64_t>(text, 16);
}

double number_in(const std::map<std::string, std::string>& settings, const std::string& name) {
  const auto it = settings.find(name);
  check(it != settings.end(), "there is a setting " + name);
  const auto number = parse_number(it->second);
  check(number.has_value(), "the setting " + name + " is a number");
  return *number;
}

Result<double> parse_number(std::string_view text) {
  const auto all = trim(text);
  const bool shape = !all.empty() && std::all_of(all.begin(), all.end(), [](char c) {
    return is_digit(c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
  });
  auto rest = all;
  if (rest.size() > 1 && rest.front() == '+' && rest[1] != '-') rest.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (!shape || error != std::errc() || end != rest.data() + rest.size()) {
    return Error{in_quotes(all) + " is not a decimal number", ""};
  }
  return value;
}

Result<bool> parse_boolean(std::string_view text) {
  const auto all = trim(text);
  if (all == "true") return true;
  if (all == "false") return false;
  return Error{in_quotes(all) + " is neither true nor false", ""};
}

std::string format_duration(nanoseconds d) {
  if (d.count() == 0) return "0 s";
  // Seconds go on to two minutes and minutes to two hours: 90 s is read faster than 1.5 min.
  static constexpr std::array<Step, 7> steps{{{1, 1e3, "ns"},
                                              {1e3, 1e3, "us"},
                                              {1e6, 1e3, "ms"},
                                              {1e9, 120, "s"},
                                              {60e9, 120, "min"},
                                              {3600e9, 48, "h"},
                                              {86400e9, 0, "d"}}};
  const auto value = static_cast<double>(d.count());
  return value < 0 ? "-" + three_digits(-value, steps) : three_digits(value, steps);
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array<Step, 5> steps{{{1, 1024, "B"},
                                              {0x1p10, 1024, "KiB"},
                                              {0x1p20, 1024, "MiB"},
                                              {0x1p30, 1024, "GiB"},
                                              {0x1p40, 0, "TiB"}}};
  return three_digits(static_cast<double>(bytes), steps);
}

std::string format_count(std::uint64_t n) {
  auto text = std::to_string(n);
  for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3) {
    text.insert(static_cast<std::size_t>(i), ",");
  }
  return text;
}

std::string format_rate(const Rate& rate) {
  if (rate.unlimited) return "max";
  const auto per = static_cast<std::uint64_t>(rate.per.count());
  for (const auto& unit : rate_units) {
    if (per == unit.factor) return fmt::format("{}/{}", rate.messages, unit.name);
  }
  for (const auto& unit : rate_units) {  // 5 in 10 s was written 0.5/s
    std::uint64_t power = unit.factor;
    for (int decimals = 1; decimals < 10 && power < per; ++decimals) {
      power *= 10;
      if (power != per) continue;
      auto digits = std::to_string(rate.messages);
      const auto width = static_cast<std::size_t>(decimals) + 1;
      if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
      digits.insert(digits.size() - static_cast<std::size_t>(decimals), ".");
      return digits + "/" + std::string(unit.name);
    }
  }
  return fmt::format("{} in {}", rate.messages, format_duration(rate.per));
}

}  // namespace seatrial
