// Everything a local broker needs to start, made once per Kafka version under
// `.cache/kafka-<version>/`:
//
//   lib/                    the jars, resolved by Maven from compose/kafka/pom.xml
//   bootstrap.checkpoint    what formatting a data folder leaves; copied, so none is formatted
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
#include <vector>

#include "core/result.hpp"

namespace seatrial::clusters {

struct KafkaHome {
  std::filesystem::path folder;
  std::filesystem::path lib;
  std::filesystem::path java;
  std::string java_version;       // "17.0.15"; "unknown" where the runtime does not tell
  std::string class_path;
  std::filesystem::path checkpoint;
  std::optional<std::filesystem::path> archive;  // absent: it could not be made; starts are slower
};

// Prepares what is missing, with a line on stderr for what takes time; throws Interrupted on
// `stop`.
Result<KafkaHome> prepare_kafka(const std::string& version, std::stop_token stop);

// A checkpoint like the one of the home that also knows these users, by both mechanisms of SCRAM.
// Made in the folder by Kafka's own tool, which is told the passwords on its command line.
Result<std::filesystem::path> format_with_users(const KafkaHome& home,
                                                const std::filesystem::path& folder,
                                                const std::map<std::string, std::string>& users,
                                                const std::stop_token& stop);

// Only the jars, as an image build needs them: the folder.
Result<std::filesystem::path> prepare_jars(const std::string& version, std::stop_token stop);

// The agent by which a broker's JVM is asked (jolokia.hpp), fetched once.
Result<std::filesystem::path> prepare_metrics_agent(std::stop_token stop);

// The cache folder of a version, whether it exists or not; an Error if that is no version.
Result<std::filesystem::path> kafka_cache(const std::string& version);

// java from JAVA_HOME or PATH.
std::optional<std::filesystem::path> find_java();
// "17.0.15"; "unknown" where the runtime does not tell.
std::string java_version(const std::filesystem::path& java);

// Makes sure that a tool is there: by the launcher, which installs what it is told (`need NAME`),
// else an Error with the command to type. `what` is the launcher's name of it: java, maven, jdk,
// busybox, pip.
std::optional<Error> need(const std::vector<std::string>& what, std::stop_token stop);

// The JVM's arguments up to the main class: memory, class path, archive, logging and the run's
// label.
std::vector<std::string> broker_jvm(const KafkaHome& home, const std::string& heap,
                                    const std::string& run_id);

}  // namespace seatrial::clusters
