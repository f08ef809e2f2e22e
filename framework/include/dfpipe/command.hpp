#pragma once

#include <stop_token>
#include <string>
#include <utility>

#include "dfpipe/param.hpp"

namespace dfpipe {

/// What a running command may do with the outside world besides `log`. For the thread that runs it.
class Console {
 public:
  virtual ~Console();
  /// Writes to stdout at once and ends the line if `text` does not. Throws when stdout cannot be written, a full disk
  /// behind a redirection for example.
  virtual void print(const std::string& text) = 0;
  /// A line at the bottom of the terminal on stderr, in place of the one before; an empty text removes it. Nothing is
  /// shown where stderr is no terminal, or when the user wants quiet.
  virtual void progress(const std::string& line) = 0;
  /// Whether stdout is a terminal.
  virtual bool terminal() const = 0;
  /// Requested by the first Ctrl-C or SIGTERM: whatever waits or takes long must watch it. The second ends the process.
  virtual std::stop_token stop() const = 0;
};

struct CommandInfo {
  std::string about;         ///< first sentence: what it does; more sentences may follow
  std::string example = {};  ///< a whole command line, shown at the end of the help
};

/// A command of the command line, brought by a plugin. Its parameters become options: `batch_size` is `--batch-size`, a
/// boolean is a flag (`--no-NAME` where the default is true), a list is written with commas, and a `positional`
/// parameter is an argument without a name. Relative paths belong to the working directory.
class Command {
 public:
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command();

  /// Once, with all parameters set. Returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 done with errors in some
  /// items; anything else counts as failed. What is thrown is shown in one line and gives 1, or 2 for an Error with the
  /// code "usage". After a requested stop every code but 0 becomes 130.
  virtual int run(Console& console) = 0;

  const CommandInfo& info() const noexcept { return info_; }
  ParamSet* params() const noexcept { return params_; }

 protected:
  /// `params` may be null. It is only stored here, so a member declared later may be passed.
  explicit Command(CommandInfo info, ParamSet* params = nullptr) : info_(std::move(info)), params_(params) {}

 private:
  CommandInfo info_;
  ParamSet* params_;
};

}  // namespace dfpipe
