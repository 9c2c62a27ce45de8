// What brokers start from and how: no JVM but false ones.
#include "clusters/jars.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/file_text.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::clusters;

namespace {

namespace fs = std::filesystem;

struct JarFolder {
  fs::path path = fs::temp_directory_path() / ("seatrial-jars-test-" + std::to_string(getpid()));
  JarFolder() { fs::create_directories(path); }
  ~JarFolder() { fs::remove_all(path); }
};

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

// What find_java says of a JAVA_HOME whose java runs the script.
Result<Java> java_that(const JarFolder& scratch, const std::string& script) {
  const auto program = scratch.path / "bin" / "java";
  write(program, "#!/bin/sh\n" + script);
  fs::permissions(program, fs::perms::owner_all);
  setenv("JAVA_HOME", scratch.path.c_str(), 1);
  setenv("JAVA_TOOL_OPTIONS", "-Xbad", 1);
  auto java = find_java();
  unsetenv("JAVA_TOOL_OPTIONS");
  unsetenv("JAVA_HOME");
  return java;
}

}  // namespace

TEST_CASE("the version of Java, as it says itself") {
  CHECK(parse_java_version("Picked up X\nopenjdk version \"17.0.15\" 2025-04-15\n") == "17.0.15");
  CHECK(parse_java_version("java version \"1.8.0_392\"") == "1.8.0_392");
  CHECK(parse_java_version("Error: Could not create the Java Virtual Machine.").empty());
  CHECK(java_release("17.0.15") == 17);
  CHECK(java_release("1.8.0_392") == 8);
  CHECK(java_release("25-ea") == 25);
  CHECK(java_release("unknown") == 0);
}

TEST_CASE("a Java that is too old, or does not run, is refused by name") {
  const JarFolder scratch;
  const auto old = java_that(scratch, "echo 'openjdk version \"11.0.2\"' >&2");
  REQUIRE_FALSE(old);
  CHECK(old.error().message == (scratch.path / "bin/java").string() +
                                   " (JAVA_HOME) is Java 11.0.2, and brokers need 17 or newer");
  CHECK(old.error().hint == "unset JAVA_HOME, or have it name a newer one");
  const auto broken = java_that(scratch, "echo no memory >&2; exit 1");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.find("(JAVA_HOME) does not run: no memory") != std::string::npos);
  const auto fit =
      java_that(scratch, "test -z \"$JAVA_TOOL_OPTIONS\" && echo 'java version \"21\"' >&2");
  REQUIRE(fit);
  CHECK(fit->version == "21");
}

TEST_CASE("the JVM's flags are read from what it printed") {
  const std::string log =
      "Picked up nothing\n-XX:MaxHeapSize=1073741824 -XX:+PrintCommandLineFlags "
      "-XX:+UseParallelGC \n[0.1s][gc] Using Parallel\n";
  const auto facts = jvm_facts(log);
  CHECK(facts.at("heap") == "1024m");
  CHECK(facts.at("garbage_collector") == "parallel");
  CHECK(facts.at("jvm_flags") ==
        "-XX:MaxHeapSize=1073741824 -XX:+PrintCommandLineFlags -XX:+UseParallelGC");
  CHECK(jvm_facts(log.substr(18)) == facts);
  CHECK(jvm_facts("[0.1s][gc] Using Parallel\n").empty());
}

TEST_CASE("a data folder begins as the release's storage tool leaves it") {
  const JarFolder scratch;
  const auto formatted = scratch.path / "formatted";
  const auto snapshot = fs::path("__cluster_metadata-0") / "0-0.checkpoint";
  write(formatted / "bootstrap.checkpoint", "until 4.3");
  write(formatted / snapshot, "from 4.4 on");
  for (const auto role : {NodeRole::broker, NodeRole::controller, NodeRole::combined}) {
    const auto data = scratch.path / std::to_string(static_cast<int>(role));
    CHECK_FALSE(lay_out(formatted, data, role));
    CHECK(file_text(data / "bootstrap.checkpoint") == "until 4.3");
    CHECK(fs::exists(data / snapshot) == (role != NodeRole::broker));
  }
  write(scratch.path / "file", "");
  CHECK(lay_out(formatted, scratch.path / "file" / "data", NodeRole::combined));
}

TEST_CASE("a broker finds its logging's configuration wherever the clone is") {
  const char* before = std::getenv("SEATRIAL_HOME");
  const std::string kept = before != nullptr ? before : "";
  setenv("SEATRIAL_HOME", "/f\u00fcr, #1=2 %", 1);
  const KafkaHome home{.folder = "/k",
                       .lib = "/k/lib",
                       .java = {"java", "17"},
                       .class_path = "",
                       .formatted = "/k/formatted",
                       .archive = {}};
  const auto argv = broker_jvm(home, "512m", "run");
  const auto version = [] { return kafka_cache("4.4.0"); };
  const bool fine = bool(version());
  setenv("SEATRIAL_HOME", "/a:b", 1);
  const auto colon = version();
  if (before != nullptr) setenv("SEATRIAL_HOME", kept.c_str(), 1);
  else unsetenv("SEATRIAL_HOME");
  const std::string url = "file:///f%C3%BCr%2C%20%231%3D2%20%25/compose/kafka/log4j";
  for (const auto& wanted : {"-Dlog4j2.configurationFile=" + url + "2.properties",
                             "-Dlog4j.configuration=" + url + ".properties"}) {
    CHECK(std::find(argv.begin(), argv.end(), wanted) != argv.end());
  }
  CHECK(fine);
  REQUIRE_FALSE(colon);
  CHECK(colon.error().message == "/a:b/.cache has a ':' in its path, where Java ends a name");
}
