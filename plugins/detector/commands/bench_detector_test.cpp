#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "testing/process.hpp"

namespace dfpipe::detector {
namespace {

using dfpipe::testing::Finished;
using dfpipe::testing::run_process;
using ::testing::AllOf;
using ::testing::HasSubstr;

Finished bench(std::vector<std::string> options) {
  options.insert(options.begin(), {DFPIPE_BINARY, "bench", "detector", "--seconds", "0", "--threads", "1"});
  return run_process(options);
}

TEST(BenchDetector, TellsCeilingSpeedAndTheirRatio) {
  const Finished f = bench({"--model", "models/demo", "--batch", "1,2"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, AllOf(HasSubstr("models/demo on "), HasSubstr("fp32: ceiling "), HasSubstr("of ceiling"),
                           HasSubstr("\n    1  "), HasSubstr("\n    2  "), HasSubstr("of the time that reading")));
}

TEST(BenchDetector, RefusesWhatCannotBeMeasured) {
  EXPECT_EQ(bench({"--batch", "1.5"}).exit_code, 2);
  EXPECT_EQ(bench({"--batch", "0"}).exit_code, 2);
  const Finished missing = bench({"--model", "no/such/folder"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("no/such/folder"));
  const Finished unknown = bench({"--model", "models/demo", "--precision", "fp7"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("'fp7' is not known"));
}

}  // namespace
}  // namespace dfpipe::detector
