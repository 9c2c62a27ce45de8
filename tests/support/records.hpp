// Run records as JSON, as tests write and read them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "record/run_record.hpp"
#include "record/shape.hpp"
#include "support/catch.hpp"

namespace seatrial::test {

// A record that holds these fields.
inline record::RunRecord record_of(nlohmann::json fields) {
  fields["schema"] = record::schema;
  fields.emplace("run", nlohmann::json::object());
  std::vector<std::string> taken_out;
  auto record = record::RunRecord::read(fields.dump(), taken_out);
  INFO(fields.dump(1));
  REQUIRE(record);
  CHECK(taken_out == std::vector<std::string>{});
  return std::move(*record);
}

// Checks that what our own program wrote is declared, each field with its type.
inline void check_shape(nlohmann::json document) {
  CHECK(record::undeclared(document, record::record_shape()) == std::vector<std::string>{});
  CHECK(record::fit(document, record::record_shape()) == std::vector<std::string>{});
}

// What our own program wrote.
inline nlohmann::json document(const record::RunRecord& record) {
  auto document = nlohmann::json::parse(record.text());
  check_shape(document);
  return document;
}

}  // namespace seatrial::test
