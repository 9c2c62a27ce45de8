// Steps into JSON that may lead nowhere. An absent view stays absent at each further step.
#include "core/view.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/json_text.hpp"

namespace seatrial {

using nlohmann::json;

namespace {

std::string pointer_token(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  return out;
}

}  // namespace

View View::operator[](std::string_view key) const {
  if (!value_ || !value_->is_object()) return {};
  const auto it = value_->find(std::string(key));
  if (it == value_->end()) return {};
  return {&*it, path_ + "/" + pointer_token(key)};
}

View View::at(std::size_t index) const {
  if (!value_ || !value_->is_array() || index >= value_->size()) return {};
  return {&(*value_)[index], path_ + "/" + std::to_string(index)};
}

bool View::present() const { return value_ && !value_->is_null(); }

std::optional<double> View::number() const {
  if (!value_ || !value_->is_number()) return std::nullopt;
  return value_->get<double>();
}

double View::number_or(double otherwise) const { return number().value_or(otherwise); }

std::optional<std::int64_t> View::integer() const {
  if (!value_ || !value_->is_number_integer()) return std::nullopt;
  if (value_->is_number_unsigned() &&
      value_->get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return value_->get<std::int64_t>();
}

std::uint64_t View::count() const {
  if (value_ == nullptr || !value_->is_number_integer()) return 0;
  if (value_->is_number_unsigned()) return value_->get<std::uint64_t>();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value_->get<std::int64_t>()));
}

std::string View::text(std::string_view otherwise) const {
  if (!present() || value_->is_structured()) return std::string(otherwise);
  if (value_->is_string()) return value_->get<std::string>();
  return json_text(*value_);
}

bool View::is(std::string_view expected) const {
  return value_ && value_->is_string() && value_->get_ref<const std::string&>() == expected;
}

std::optional<bool> View::boolean() const {
  if (!value_ || !value_->is_boolean()) return std::nullopt;
  return value_->get<bool>();
}

std::string View::json() const { return value_ ? json_text(*value_) : "null"; }

std::size_t View::size() const { return value_ && value_->is_structured() ? value_->size() : 0; }

std::vector<View> View::items() const {
  std::vector<View> out;
  if (!value_ || !value_->is_array()) return out;
  for (std::size_t i = 0; i < value_->size(); ++i) out.push_back(at(i));
  return out;
}

std::vector<std::pair<std::string, View>> View::entries() const {
  std::vector<std::pair<std::string, View>> out;
  if (!value_ || !value_->is_object()) return out;
  for (const auto& item : value_->items()) {
    out.emplace_back(item.key(), View{&item.value(), path_ + "/" + pointer_token(item.key())});
  }
  return out;
}

}  // namespace seatrial
