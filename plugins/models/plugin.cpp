#include "commands.hpp"

DFPIPE_PLUGIN(models) { dfpipe::models::register_fetch(registrar); }
