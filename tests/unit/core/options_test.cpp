// Options against their table: types, defaults, and every problem at once.
#include "core/options.hpp"

#include "core/check.hpp"
#include "support/catch.hpp"

using namespace seatrial;

namespace {

std::string even(std::string_view value) {
  return *parse_integer(value) % 2 == 0 ? "" : "must be even, not " + std::string(value);
}

std::string no_secret(std::string_view entry) {
  return entry.starts_with("secret=") ? "'secret' is not yours to set" : "";
}

const std::vector<OptionSpec>& table() {
  using enum OptionType;
  static const std::vector<OptionSpec> specs{
      {"topic", text, "", "where to", {}, true, nullptr},
      {"lanes", integer, "2", "", {}, false, even},
      {"share", number, "", "", {}, false, nullptr},
      {"deep", boolean, "false", "", {}, false, nullptr},
      {"pause", duration, "5s", "", {}, false, nullptr},
      {"size", size, "256B", "", {}, false, nullptr},
      {"rate", rate, "", "", {}, false, nullptr},
      {"arrivals", choice, "constant", "", {"constant", "poisson"}, false, nullptr},
      {"properties", properties, "", "", {}, false, no_secret},
  };
  return specs;
}

RawOption value(std::string text) { return {std::move(text), {}, false}; }
RawOption map(std::map<std::string, std::string> entries) { return {{}, std::move(entries), true}; }

std::vector<std::string> problems_of(const std::map<std::string, RawOption>& raw) {
  std::vector<OptionProblem> problems;
  (void)Options::check(table(), raw, problems);
  std::vector<std::string> out;
  for (const auto& problem : problems) out.push_back(problem.name + " | " + problem.message);
  return out;
}

}  // namespace

TEST_CASE("given values and defaults are read by their types") {
  std::vector<OptionProblem> problems;
  const auto options = Options::check(table(),
                                      {{"topic", value("orders")},
                                       {"share", value("0.5")},
                                       {"rate", value("10/min")},
                                       {"properties", map({{"acks", "all"}})}},
                                      problems);
  REQUIRE(problems.empty());
  CHECK(options.text("topic") == "orders");
  CHECK(options.integer("lanes") == 2);
  CHECK(options.number("share") == 0.5);
  CHECK_FALSE(options.boolean("deep"));
  CHECK(options.duration("pause") == seconds(5));
  CHECK(options.bytes("size") == 256);
  CHECK(options.rate("rate").per == seconds(60));
  CHECK(options.text("arrivals") == "constant");
  CHECK(options.properties("properties").at("acks") == "all");
  CHECK(options.all().size() == table().size());
}

TEST_CASE("what is neither given nor defaulted is absent, and absent properties are an empty map") {
  std::vector<OptionProblem> problems;
  const auto options = Options::check(table(), {{"topic", value("t")}}, problems);
  CHECK_FALSE(options.has("rate"));
  CHECK(options.properties("properties").empty());
  CHECK_THROWS_AS(options.rate("rate"), InvariantBroken);
  CHECK_THROWS_AS(options.text("nonsense"), InvariantBroken);
  CHECK_THROWS_AS(options.text("properties"), InvariantBroken);
  CHECK_THROWS_AS(options.duration("topic"), InvariantBroken);
}

TEST_CASE("every problem is told, each with its option") {
  CHECK(problems_of({{"lanes", value("3")},
                     {"pause", value("5")},
                     {"raet", value("1/s")},
                     {"arrivals", value("poison")},
                     {"properties", map({{"acks", "1"}, {"secret", "x"}})}}) ==
        std::vector<std::string>{
            "arrivals | arrivals: 'poison' is none of constant, poisson (did you mean 'poisson'?)",
            "lanes | lanes: must be even, not 3",
            "pause | pause: '5' has no unit; write it as in 5s or 700ms",
            "properties.secret | properties: 'secret' is not yours to set",
            "raet | unknown key 'raet' (did you mean 'rate'?)",
            "topic | missing key 'topic' (where to)"});
}

TEST_CASE("a map where a value belongs is a problem, and the other way round") {
  CHECK(problems_of({{"topic", map({{"a", "b"}})}, {"properties", value("acks=1")}}) ==
        std::vector<std::string>{"properties | properties: takes a map, as in {name: value}",
                                 "topic | topic: takes one value, not a map"});
  CHECK(problems_of({{"topic", value("")}}) ==
        std::vector<std::string>{"topic | topic: must not be empty"});
}

TEST_CASE("a name that is like none is answered with all there are") {
  std::vector<OptionProblem> problems;
  (void)Options::check({{"at", OptionType::text, "", "", {}, false, nullptr}},
                       {{"zzzzzz", value("1")}}, problems);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].message == "unknown key 'zzzzzz'; keys are at");
}
