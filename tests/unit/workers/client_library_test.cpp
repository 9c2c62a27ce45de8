// What a worker process loaded is compared with what it was to load, and what the loader is told.
#include "workers/client_library.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "kafka/config.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"
#include "workers/worker_setup.hpp"

namespace seatrial::workers {
namespace {

using test::contains;

const ClientLibrary wanted{
    .asked = "9.8.7", .file = "/lib/librdkafka-1.so.1", .link = "/cache/lib", .version = "9.8.7"};

TEST_CASE("a process that loaded the library it was to load is right") {
  CHECK(wrong_library(wanted, {.version = "9.8.7", .file = "/lib/librdkafka-1.so.1"}).empty());
}

TEST_CASE("another file, another version and a second copy are wrong") {
  CHECK(contains(wrong_library(wanted, {.version = "2.0.2", .file = "/usr/lib/librdkafka.so.1"}),
                 "2.0.2 from /usr/lib/librdkafka.so.1"));
  CHECK(contains(wrong_library(wanted, {.version = "9.8.8", .file = "/lib/librdkafka-1.so.1"}),
                 "9.8.8, not 9.8.7"));
  CHECK(contains(
      wrong_library(wanted, {.version = "9.8.7", .file = "/lib/librdkafka-1.so.1", .copies = 2}),
      "2 of them"));
}

TEST_CASE("the loader looks into the library's folders first") {
  CHECK(environment_for(wanted).at("LD_LIBRARY_PATH").starts_with("/cache/lib:/lib"));
}

TEST_CASE("a library that is not there is refused with what to write instead") {
  const auto found = find_client_library("/no/such/librdkafka.so", "/bin/false");
  REQUIRE_FALSE(found);
  CHECK(contains(found.error().message, "/no/such/librdkafka.so"));
  CHECK(contains(found.error().hint, "2.16.0"));
}

TEST_CASE("this process says which library it runs with") {
  const auto loaded = kafka::loaded_library();
  CHECK(loaded.version == kafka::library_version());
  CHECK(contains(loaded.file, "librdkafka"));
  CHECK(loaded.copies == 1);
  const auto again = read_loaded(answer(question_of_version()));
  CHECK(again.version == loaded.version);
  CHECK(again.file == loaded.file);
}

TEST_CASE("a question about a workload is answered by the library of whoever answers") {
  const RawOption topic{.text = "orders", .entries = {}, .is_map = false};
  const RawOption rate{.text = "10/s", .entries = {}, .is_map = false};
  const auto ask = [&](std::map<std::string, std::string> properties) {
    const auto question = question_of_workload(
        "producer",
        {{"topic", topic},
         {"rate", rate},
         {"properties", {.text = {}, .entries = std::move(properties), .is_map = true}}});
    CHECK(is_question(question));
    return read_answer(answer(nlohmann::json::parse(question.dump())));
  };
  CHECK(ask({{"linger.ms", "7"}}).properties.at("linger.ms") == "7");
  const auto unknown = ask({{"linger.mss", "7"}});
  REQUIRE(unknown.problems.size() == 1);
  CHECK(unknown.problems.at(0).name == "properties.linger.mss");
  CHECK(contains(unknown.problems.at(0).message, "linger.ms"));
  const auto both = ask({{"enable.idempotence", "true"}, {"acks", "0"}});
  CHECK(both.problems.empty());
  CHECK_FALSE(both.contradiction.empty());
}

}  // namespace
}  // namespace seatrial::workers
