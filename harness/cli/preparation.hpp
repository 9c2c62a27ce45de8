// What verbs that start brokers do before and after their trials: which kind of cluster, which
// folder to go on in, what the releases' properties are, the verdict and the page.
#pragma once

#include <filesystem>
#include <string>

#include "clusters/choose.hpp"
#include "core/cluster.hpp"
#include "run/runner.hpp"
#include "scenario/plan.hpp"

namespace seatrial::cli {

// The folder to go on in, with `latest` resolved; empty for a new run. Throws UsageError if its run
// was of another plan.
[[nodiscard]] std::filesystem::path folder_to_resume(const std::filesystem::path& resume,
                                                     const scenario::Plan& plan);

// The kind that the scenario gets; a run that goes on stays on the kind it had. Throws UsageError
// or InfrastructureError with what to do.
[[nodiscard]] clusters::Choice choose_kind(const scenario::Plan& plan,
                                           const std::filesystem::path& resume);
[[nodiscard]] const ClusterKind& kind_of(const clusters::Choice& choice);

// Fetches what Kafka's releases say of their properties, which the clusters need anyway; starts no
// broker. True if some were not known before: then the plan is to be loaded anew, and checked by
// them.
[[nodiscard]] bool learn_properties(const scenario::Plan& plan, const std::string& kind);

// What a run ends with on the terminal; before what is written, so that the verdict has been
// printed whatever becomes of the page.
void print_verdict(const record::RunRecord& record);
// What it ends with in its folder. The exit code: the run's, or 4 instead of 0 if it could not be
// written.
[[nodiscard]] int write_reports(const run::RunResult& result);

}  // namespace seatrial::cli
