// Settings and their values, as Kafka's configuration classes print them and as they are cached.
#include "clusters/property_definitions.hpp"

#include "support/catch.hpp"

using namespace seatrial::clusters;

using namespace seatrial;
using Type = PropertyDefinition::Type;

namespace {

std::string entry(const std::string& name, const std::string& type, const std::string& valid) {
  return "<h4><a id=\"" + name + "\"></a><a id=\"topicconfigs_" + name +
         "\" href=\"#topicconfigs_" + name + "\">" + name +
         "</a></h4>\n<p>About it.</p>\n<table><tbody>\n<tr><th>Type:</th><td>" + type +
         "</td></tr>\n<tr><th>Default:</th><td>1</td></tr>\n<tr><th>Valid Values:</th><td>" +
         valid + "</td></tr>\n</tbody></table>\n";
}

PropertyDefinition parsed(const std::string& type, const std::string& valid) {
  return parse_config_html(entry("x", type, valid), "topic").at(0);
}

}  // namespace

TEST_CASE("names are the anchors of their group") {
  const std::string html =
      R"(<h4><a id="node.id"></a><a id="brokerconfigs_node.id" href="#brokerconfigs_node.id">)"
      R"(<a id="brokerconfigs_log.dirs"> see <a href="#brokerconfigs_x"> <a id="topicconfigs_y">)"
      R"(<a id="brokerconfigs_node.id">)";
  CHECK(names_of(parse_config_html(html, "broker")) ==
        std::vector<std::string>{"log.dirs", "node.id"});
  CHECK(names_of(parse_config_html(html, "topic")) == std::vector<std::string>{"y"});
  CHECK(parse_config_html("", "topic").empty());
  CHECK(parse_config_html("id=\"topicconfigs_cut", "topic").empty());
}

TEST_CASE("types, ranges and choices are those of the tables") {
  CHECK(parsed("int", "[1,...,17]") ==
        PropertyDefinition{.name = "x", .type = Type::integer, .least = 1, .most = 17});
  CHECK(parsed("int", "[1,...,9] or -1").least == -1);
  CHECK(parsed("int", "[0,...]") ==
        PropertyDefinition{.name = "x", .type = Type::integer, .least = 0, .most = 2147483647});
  CHECK(parsed("long", "").most == 0x1p63);
  CHECK(parsed("short", "").least == -32768);
  CHECK(parsed("double", "[0,...,1]") ==
        PropertyDefinition{.name = "x", .type = Type::number, .least = 0, .most = 1});
  CHECK(parsed("boolean", "").type == Type::boolean);
  CHECK(parsed("list", "[compact, delete]") ==
        PropertyDefinition{.name = "x", .type = Type::list, .choices = {"compact", "delete"}});
  CHECK(parsed("string", "(case insensitive) [ES256, RS256]") ==
        PropertyDefinition{.name = "x", .choices = {"ES256", "RS256"}, .any_case = true});
  // What Kafka alone can check.
  for (const char* valid : {"", "non-empty string", "[partitionId]:[brokerId],[partitionId]:..."}) {
    CHECK(parsed("string", valid) == PropertyDefinition{.name = "x"});
  }
}

TEST_CASE("the cache is read back, and never half of it") {
  PropertyDefinitions all{.broker = {{.name = "a"}, {.name = "b", .type = Type::boolean}},
                          .topic = {}};
  for (const auto* valid : {"[1,...,9]", "[0,...]", ""}) all.topic.push_back(parsed("int", valid));
  all.topic.push_back(parsed("double", "[0,...,1]"));
  all.topic.push_back(parsed("list", "[compact, delete]"));
  all.topic.push_back(parsed("string", "(case insensitive) [A, B]"));
  const auto text = to_text(all);
  CHECK(parse_property_definitions(text) == all);
  CHECK_FALSE(parse_property_definitions(text.substr(0, text.size() - 1)));
  CHECK_FALSE(parse_property_definitions("broker a text - - -\n"));  // no topics
  CHECK_FALSE(parse_property_definitions("broker a\ntopic b\n"));    // of an older cache
  CHECK_FALSE(parse_property_definitions("nonsense\n"));
  CHECK_FALSE(parse_property_definitions(""));
}
