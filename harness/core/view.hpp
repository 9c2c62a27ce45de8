// A tolerant look into a run record. Every step may lead nowhere (a run that was killed has a
// partial record), and what is found knows its JSON pointer, so that a page can say where a number
// came from. It computes nothing and fills nothing in. The record must outlive its views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seatrial {

class View {
 public:
  View() = default;  // absent
  explicit View(const nlohmann::json& root) : value_(&root) {}

  [[nodiscard]] View operator[](std::string_view key) const;  // member of an object, else absent
  [[nodiscard]] View at(std::size_t index) const;             // element of an array, else absent

  [[nodiscard]] bool present() const;  // there, and not null
  explicit operator bool() const { return present(); }
  [[nodiscard]] const std::string& path() const { return path_; }  // JSON pointer from the root

  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] double number_or(double otherwise) const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;  // nothing for fractions
  [[nodiscard]] std::uint64_t count() const;                  // a whole number from 0 on, else 0
  // A string as it is, another scalar as JSON writes it; `otherwise` if absent or not a scalar.
  [[nodiscard]] std::string text(std::string_view otherwise = "") const;
  [[nodiscard]] bool is(std::string_view expected) const;  // a string, and this one
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::string json() const;  // as JSON on one line; "null" if absent

  [[nodiscard]] std::size_t size() const;  // of an array or object, else 0
  [[nodiscard]] std::vector<View> items() const;
  [[nodiscard]] std::vector<std::pair<std::string, View>> entries() const;

 private:
  View(const nlohmann::json* value, std::string path) : value_(value), path_(std::move(path)) {}

  const nlohmann::json* value_ = nullptr;
  std::string path_;
};

}  // namespace seatrial
