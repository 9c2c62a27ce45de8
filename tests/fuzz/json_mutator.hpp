// A mutation for readers of JSON, one text or one a line: a value somewhere becomes another one, or
// goes. Changed bytes alone are mostly no JSON any more, and never come to what lies behind
// parsing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "fuzz/properties.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace seatrial::fuzz {

inline void collect(nlohmann::json& value, std::vector<nlohmann::json*>& all) {
  all.push_back(&value);
  if (!value.is_structured()) return;
  for (auto& part : value) collect(part, all);
}

inline void change_value(nlohmann::json& text, std::minstd_rand& random) {
  static const auto others = nlohmann::json::parse(
      R"([null, true, -1, 0, 7, 0.5, 1e300, -1e300, 9223372036854775807, 18446744073709551615, "",
          "a", "\u001b[1m", [], {}, [1], {"a": 1}, [[]], [null]])");
  std::vector<nlohmann::json*> all;
  collect(text, all);
  nlohmann::json& value = *all[random() % all.size()];
  const auto way = random() % 4;
  if (way == 0 && value.is_object() && !value.empty()) {
    value.erase(std::next(value.begin(), static_cast<std::ptrdiff_t>(random() % value.size())));
  } else if (way == 1) {
    value = nlohmann::json(*all[random() % all.size()]);
  } else if (way == 2 && value.is_array()) {
    value.push_back(*all[random() % all.size()]);
  } else {
    value = others[random() % others.size()];
  }
}

inline std::size_t mutate_json(std::uint8_t* data, std::size_t size, std::size_t most,
                               unsigned seed) {
  std::minstd_rand random(seed);
  const std::string text(text_of(data, size));
  std::size_t begin = random() % (size + 1), end = size;
  if (nlohmann::json::accept(text)) begin = 0;
  else begin = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1, end = text.find('\n', begin);
  const auto part = text.substr(begin, end - begin);
  auto json = nlohmann::json::parse(part, nullptr, false);
  if (json.is_discarded() || random() % 3 == 0) return LLVMFuzzerMutate(data, size, most);
  for (auto times = random() % 3 + 1; times > 0; --times) change_value(json, random);
  const std::string changed =
      text.substr(0, begin) + json.dump() + text.substr(begin + part.size());
  if (changed.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::ranges::copy(changed, data);
  return changed.size();
}

}  // namespace seatrial::fuzz
