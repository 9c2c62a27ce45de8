// Walking a value and its shape side by side.
#include "record/shape.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/json_text.hpp"

namespace seatrial::record {
namespace {

using nlohmann::json;
using Kind = Shape::Kind;

const char* name_of(Kind kind) {
  static constexpr const char* names[] = {"text", "whole number", "number", "boolean",
                                          "list", "map",          "object", "scalar"};
  return names[static_cast<std::size_t>(kind)];
}

bool is_of(const json& value, Kind kind) {
  switch (kind) {
    case Kind::text: return value.is_string();
    case Kind::whole: return value.is_number_integer();
    case Kind::number: return value.is_number();
    case Kind::boolean: return value.is_boolean();
    case Kind::list: return value.is_array();
    case Kind::map:
    case Kind::object: return value.is_object();
    case Kind::any: return value.is_primitive();
  }
  return false;
}

// Keys are anyone's: what would steer a terminal is written as JSON escapes it.
std::string text_of(const json::json_pointer& at) {
  const std::string quoted = json_text(json(at.to_string()));
  return quoted.substr(1, quoted.size() - 2);
}

// Whether `part` stays: what does is looked into.
bool fits(json& part, const Shape* shape, const json::json_pointer& at,
          std::vector<std::string>& taken_out) {
  if (shape == nullptr || part.is_null()) return true;
  if (!is_of(part, shape->kind())) {
    taken_out.push_back(text_of(at) + " holds " + part.type_name() + ", not " +
                        name_of(shape->kind()));
    return false;
  }
  std::size_t index = 0;
  for (auto entry = part.begin(); part.is_structured() && entry != part.end();) {
    const auto below = part.is_array() ? at / index++ : at / entry.key();
    const Shape* of = part.is_array() ? shape->element() : shape->member(entry.key());
    entry = fits(*entry, of, below, taken_out) ? std::next(entry) : part.erase(entry);
  }
  return true;
}

void add_undeclared(const json& part, const Shape* shape, const json::json_pointer& at,
                    std::vector<std::string>& out) {
  if (shape == nullptr) {
    out.push_back(at.to_string());
  } else if (part.is_array()) {
    for (std::size_t i = 0; i < part.size(); ++i)
      add_undeclared(part[i], shape->element(), at / i, out);
  } else if (part.is_object()) {
    for (const auto& [key, value] : part.items())
      add_undeclared(value, shape->member(key), at / key, out);
  }
}

std::string type_text(const Shape& shape) {
  switch (shape.kind()) {
    case Kind::list: return "list of " + type_text(*shape.element());
    case Kind::map: return "map to " + type_text(*shape.element());
    default: return name_of(shape.kind());
  }
}

const std::vector<Field>& members_within(const Shape& shape) {
  const bool holds = shape.kind() == Kind::list || shape.kind() == Kind::map;
  return holds ? members_within(*shape.element()) : shape.fields();
}

void describe_fields(const std::vector<Field>& fields, const std::string& indent,
                     std::string& out) {
  for (const Field& field : fields) {
    out += indent + field.name + ": " + type_text(field.shape) +
           (field.meaning.empty() ? "" : "  // " + field.meaning) + "\n";
    describe_fields(members_within(field.shape), indent + "  ", out);
  }
}

}  // namespace

Shape::Shape(Kind kind) : kind_(kind) {}

Shape Shape::list_of(Shape element) {
  Shape out(Kind::list);
  out.element_.push_back(std::move(element));
  return out;
}

Shape Shape::map_of(Shape element) {
  Shape out(Kind::map);
  out.element_.push_back(std::move(element));
  return out;
}

Shape Shape::object(std::vector<Field> fields) {
  Shape out(Kind::object);
  out.fields_ = std::move(fields);
  return out;
}

Shape Shape::object(std::vector<Field> fields, Shape others) {
  Shape out = object(std::move(fields));
  out.element_.push_back(std::move(others));
  return out;
}

const Shape* Shape::element() const { return element_.empty() ? nullptr : element_.data(); }

const Shape* Shape::member(std::string_view name) const {
  const auto own = std::ranges::find(fields_, name, &Field::name);
  if (own != fields_.end()) return &own->shape;
  return kind_ == Kind::list ? nullptr : element();
}

std::vector<std::string> fit(json& value, const Shape& shape) {
  std::vector<std::string> taken_out;
  if (!fits(value, &shape, json::json_pointer(), taken_out)) value = nullptr;
  return taken_out;
}

std::vector<std::string> undeclared(const json& value, const Shape& shape) {
  std::vector<std::string> out;
  add_undeclared(value, &shape, json::json_pointer(), out);
  return out;
}

std::string describe(const Shape& shape) {
  std::string out;
  describe_fields(shape.fields(), "", out);
  return out;
}

}  // namespace seatrial::record
