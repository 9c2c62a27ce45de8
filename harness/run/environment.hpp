// The machine and the program, as a record needs them to be compared or reproduced. Nothing secret:
// no environment variables, no user names, no addresses.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/time.hpp"
#include "run/doctor.hpp"

namespace seatrial::run {

// `data`: the folder of the brokers' data, if the scenario names one.
nlohmann::json describe_environment(const std::filesystem::path& data, const MachineNeeds& needs);

// 2026-11-21T02:40:10Z
std::string iso_time(std::chrono::system_clock::time_point t);
// 20261121-024010, for folder names that sort by time.
std::string compact_time(std::chrono::system_clock::time_point t);

}  // namespace seatrial::run
