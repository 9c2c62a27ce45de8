// The command line as a whole: finds the verb, lets it run, and turns what it throws into an exit
// code: 0 pass, 1 fail, 2 inconclusive, invalid, unknown or interrupted, 3 usage or scenario error,
// 4 infrastructure.
#pragma once

namespace seatrial::cli {

int run_command_line(int argc, char** argv);

}  // namespace seatrial::cli
