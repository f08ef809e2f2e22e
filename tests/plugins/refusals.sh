#!/bin/bash
# The command line's answer to plugins it cannot use: exit code 2 and one sentence that names the file.
# refusals.sh DFPIPE_BINARY MODULES_FOLDER
set -uo pipefail
dfpipe=$1 modules=$2 failures=0

fail() {
  echo "error: $1: $2" >&2
  failures=$((failures + 1))
}

refused() {
  local name=$1 message code lines
  shift
  message=$("$dfpipe" inspect "$@" 2>&1 > /dev/null)
  code=$?
  lines=$(grep -c . <<< "$message")
  [ "$code" -eq 2 ] || fail "$name" "exit code $code, not 2"
  [ "$lines" -eq 1 ] || fail "$name" "$lines lines instead of one"
  grep -qF "$name" <<< "$message" || fail "$name" "the message does not name it"
  grep -q $'\e' <<< "$message" && fail "$name" "the message holds an escape"
  echo "$message"
}

for name in type_twice wrong_abi wrong_fingerprint null_info no_entry unresolved throws throws_number \
  throwing_constructor throwing_entry throwing_static name_empty name_path name_break two_inputs two_outputs two_params \
  wrong_default command_name command_builtin command_twice command_group command_alike command_silent \
  command_throws command_general command_option command_hyphen command_flag command_order command_list \
  command_default; do
  refused "$name.so" --plugins "$modules/$name"
done
refused same_type.so --plugins "$modules/good" --plugins "$modules/same_type"
refused command_same.so --plugins "$modules/commands" --plugins "$modules/command_same"
refused /no/such/folder --plugins /no/such/folder

"$dfpipe" inspect twice --plugins "$modules/good" > /dev/null || fail good.so "was refused"
exit $((failures > 0))
