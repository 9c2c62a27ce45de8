// Everything a local broker needs to start, made once per Kafka version under `kafka-<version>/` of
// the cache (files.hpp):
//
//   lib/                    the jars, resolved by Maven from compose/kafka/pom.xml
//   formatted/              what formatting a data folder leaves; copied, so none is formatted
//   classes-<java>.jsa      classes of a broker that has served a client: halves its start
//   property-definitions.txt      see property_definitions.hpp
//
// Each part is made beside its place and renamed, so an interrupted preparation resumes. Concurrent
// processes wait for each other.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"

namespace seatrial::clusters {

struct Java {
  std::filesystem::path program;
  std::string version;  // "17.0.15", as it says itself
};

struct KafkaHome {
  std::filesystem::path folder;
  std::filesystem::path lib;
  Java java;
  std::string class_path;
  std::filesystem::path formatted;
  std::optional<std::filesystem::path> archive;  // absent: it could not be made; starts are slower
};

// Prepares what is missing, with a line on stderr for what takes time; throws Interrupted on
// `stop`.
Result<KafkaHome> prepare_kafka(const std::string& version, std::stop_token stop);

// A formatted folder like the one of the home that also knows these users, by both mechanisms of
// SCRAM, and has these features at these levels. Made by Kafka's own tool, which refuses what it
// does not know, in the folder, which is empty and nobody else's: passwords lie in it.
Result<std::filesystem::path> format_with(const KafkaHome& home,
                                          const std::filesystem::path& folder,
                                          const std::map<std::string, std::string>& users,
                                          const std::map<std::string, std::string>& features,
                                          const std::stop_token& stop);

// Makes a data folder look as the storage tool leaves that of such a node, but for its
// meta.properties. What went wrong, or nothing.
std::optional<Error> lay_out(const std::filesystem::path& formatted,
                             const std::filesystem::path& data, NodeRole role);

// Only the jars, as an image build needs them: the folder.
Result<std::filesystem::path> prepare_jars(const std::string& version, std::stop_token stop);

// The agent by which a broker's JVM is asked (jolokia.hpp), fetched once.
Result<std::filesystem::path> prepare_metrics_agent(std::stop_token stop);

// The cache folder of a version, whether it exists or not; an Error if that is no version.
Result<std::filesystem::path> kafka_cache(const std::string& version);

// java from JAVA_HOME or PATH; an Error if there is none, it does not run, or brokers need a newer
// one.
Result<Java> find_java();
// The version in what `java -version` prints; empty if there is none.
std::string parse_java_version(std::string_view printed);
// 17 of "17.0.15", 8 of "1.8.0_392"; 0 of what is no version.
int java_release(std::string_view version);

// Makes sure that a tool is there: by the launcher, which installs what it is told (`need NAME`),
// else an Error with the command to type. `what` is the launcher's name of it: java, maven, jdk,
// busybox, pip, faketime.
std::optional<Error> need(const std::vector<std::string>& what, std::stop_token stop);

// What the JVM itself says that it runs with, from what a node printed: `jvm_flags` (the line of
// -XX:+PrintCommandLineFlags), `heap` and `garbage_collector`. Empty where there is no such line.
std::map<std::string, std::string> jvm_facts(std::string_view log);

// The JVM's arguments up to the main class: memory, class path, archive, logging and the run's
// label.
std::vector<std::string> broker_jvm(const KafkaHome& home, const std::string& heap,
                                    const std::string& run_id);

}  // namespace seatrial::clusters
