# Turns a tutorial into a shell script: a fenced block with a file name after its language is written to that file, a
# block of language sh is run, and everything else is left out.
/^```/ {
  if (inside) {
    if (file != "") print "END_OF_" block
    inside = 0
    next
  }
  inside = 1
  language = substr($1, 4)
  file = $2
  block++
  if (file != "") print "cat > '" file "' <<'END_OF_" block "'"
  next
}
inside && (file != "" || language == "sh") { print }
