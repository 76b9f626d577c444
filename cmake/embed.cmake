# weir_embed(NAME FILE): makes gen/NAME.h with `static const char NAME[]`, the file's bytes, so that an
# installed program needs no data files beside it.
function(weir_embed name file)
	set(input ${PROJECT_SOURCE_DIR}/${file})
	set(output ${PROJECT_BINARY_DIR}/gen/${name}.h)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${input})
	file(READ ${input} hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	set(text "#ifndef EMBED_${name}_H\n#define EMBED_${name}_H\nstatic const char ${name}[] = {${bytes}0};\n#endif\n")
	file(CONFIGURE OUTPUT ${output} CONTENT "${text}" @ONLY)
endfunction()
