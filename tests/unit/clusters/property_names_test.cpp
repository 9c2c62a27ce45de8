// Names of settings, as Kafka's configuration classes print them and as they are cached.
#include "clusters/property_names.hpp"

#include "support/catch.hpp"

using namespace seatrial::clusters;

TEST_CASE("names are the anchors of their group") {
  const std::string html =
      R"(<h4><a id="node.id"></a><a id="brokerconfigs_node.id" href="#brokerconfigs_node.id">)"
      R"(<a id="brokerconfigs_log.dirs"> see <a href="#brokerconfigs_x"> <a id="topicconfigs_y">)"
      R"(<a id="brokerconfigs_node.id">)";
  CHECK(parse_config_html(html, "broker") == std::vector<std::string>{"log.dirs", "node.id"});
  CHECK(parse_config_html(html, "topic") == std::vector<std::string>{"y"});
  CHECK(parse_config_html("", "topic").empty());
  CHECK(parse_config_html("id=\"topicconfigs_cut", "topic").empty());
}

TEST_CASE("the cache is read back, and never half of it") {
  const PropertyNames names{.broker = {"a", "b"}, .topic = {"c"}};
  const auto text = to_text(names);
  CHECK(parse_property_names(text) == names);
  CHECK_FALSE(parse_property_names(text.substr(0, text.size() - 1)));
  CHECK_FALSE(parse_property_names("broker a\n"));
  CHECK_FALSE(parse_property_names("nonsense\n"));
  CHECK_FALSE(parse_property_names(""));
}
