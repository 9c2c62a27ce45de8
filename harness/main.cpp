// Starts the command line, and nothing else.
#include "cli/command_line.hpp"

int main(int argc, char** argv) { return seatrial::cli::run_command_line(argc, argv); }
