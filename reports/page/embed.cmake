# Writes a C++ source that holds a file's text: cmake -DFILE= -DNAME= -DOUTPUT= -P embed.cmake
# The comment at its top is for readers of the tree and is left out.
file(READ ${FILE} text)
string(REGEX REPLACE "^/\\*[^*]*\\*/\n" "" text "${text}")
file(WRITE ${OUTPUT}
"// Made from ${FILE}.
#include \"reports/page/assets.hpp\"
const std::string_view seatrial::reports::page::${NAME} = R\"embedded(
${text})embedded\";
")
