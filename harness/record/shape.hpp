// What a run record holds: every field with its type and meaning, in one table that the writer's
// tests, the reader and the documentation (record.md) go by.
//
// Units stand in the names: `_ns` whole nanoseconds, `_s` seconds (on a time axis since the start
// of measure; warm-up is negative), `_bytes`, `_share` of 1. Every field may be absent, which means
// unknown; nothing is ever filled in.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial::record {

inline constexpr std::string_view schema = "seatrial.run/1";

struct Field;

class Shape {
 public:
  // `whole`: an integer. `number`: any. `map`: an object whose keys are the run's own names
  // (workloads, errors, properties). `any`: a scalar.
  enum class Kind { text, whole, number, boolean, list, map, object, any };

  explicit Shape(Kind kind);
  static Shape list_of(Shape element);
  static Shape map_of(Shape element);
  static Shape object(std::vector<Field> fields);
  // An object that has a map's keys beside its own.
  static Shape object(std::vector<Field> fields, Shape others);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  // Of list, map and objects with others; null for the rest.
  [[nodiscard]] const Shape* element() const;
  // Of a member by its name; null: there is none such.
  [[nodiscard]] const Shape* member(std::string_view name) const;

 private:
  Kind kind_;
  std::vector<Field> fields_;
  std::vector<Shape> element_;  // one or none
};

struct Field {
  std::string name;
  Shape shape;
  std::string meaning = "";  // where the name does not say it
};

// Of the whole record.
const Shape& record_shape();

// Takes out of `value` what is not of the shape's types, and says of each where it was and what is
// wrong with it. Fields that the shape does not know stay: a newer program may have written them.
[[nodiscard]] std::vector<std::string> fit(nlohmann::json& value, const Shape& shape);

// JSON pointers of the fields that the shape does not know.
[[nodiscard]] std::vector<std::string> undeclared(const nlohmann::json& value, const Shape& shape);

// The table as text: a field a line, members indented.
[[nodiscard]] std::string describe(const Shape& shape);

}  // namespace seatrial::record
