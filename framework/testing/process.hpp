#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "testing/scratch_folder.hpp"

namespace dfpipe::testing {

/// How a child process ended.
struct Finished {
  int exit_code = -1;  ///< or 128 + signal, as a shell says it
  std::string out;
  std::string err;
  long peak_kib = 0;  ///< largest resident set
};

struct ProcessOptions {
  std::map<std::string, std::string> env;  ///< added to this process's environment
  std::filesystem::path cwd;               ///< empty: this process's
  std::chrono::seconds limit{100};         ///< killed after it; the exit code is then 137
};

/// A child whose output is kept in files until it ends.
class Process {
 public:
  Process(const std::vector<std::string>& argv, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number);
  bool running();
  Finished wait();
  /// What it has written to stderr so far.
  std::string err_so_far() const;

 private:
  pid_t pid_ = -1;
  std::chrono::steady_clock::time_point deadline_;
  std::filesystem::path out_, err_;
  bool reaped_ = false;
  int status_ = 0;
  long peak_kib_ = 0;
};

/// Runs a program to its end.
Finished run_process(const std::vector<std::string>& argv, const ProcessOptions& options = {});

}  // namespace dfpipe::testing
