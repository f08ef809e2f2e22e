#pragma once

#include "dfpipe/plugin.hpp"
#include "dfpipe/types/basic.hpp"

/// Nodes that describe themselves wrongly.
struct Plain : dfpipe::Node {
  Plain() : Node({.about = "Has nothing wrong but its name."}) {}
  void process(dfpipe::Item&) override {}
};

struct TwoInputs : Plain {
  dfpipe::In<double> a{this, "same", ""}, b{this, "same", ""};
};

struct TwoOutputs : Plain {
  dfpipe::Out<double> a{this, "same", ""}, b{this, "same", ""};
};

struct WrongDefault : dfpipe::Node {
  struct Params : dfpipe::ParamSet {
    const double& share = real("share", 2, {.about = "a share", .min = 0, .max = 1});
  } params;
  WrongDefault() : Node({.about = "Its default is out of range."}, &params) {}
  void process(dfpipe::Item&) override {}
};

struct TwoParams : dfpipe::Node {
  struct Params : dfpipe::ParamSet {
    const double& a = real("same", 0, {.about = "a"});
    const double& b = real("same", 0, {.about = "b"});
  } params;
  TwoParams() : Node({.about = "Has a parameter twice."}, &params) {}
  void process(dfpipe::Item&) override {}
};
