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

# weir_embed_tree(NAME FOLDER): makes gen/NAME.h with `static const struct {const char *name, *text;} NAME[]`, one a file of
# the folder, named by its path in it; the last has name NULL.
function(weir_embed_tree name folder)
	set(root ${PROJECT_SOURCE_DIR}/${folder})
	file(GLOB_RECURSE files RELATIVE ${root} CONFIGURE_DEPENDS ${root}/*)
	list(SORT files)
	set(text "")
	set(rows "")
	set(count 0)
	foreach(file ${files})
		set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root}/${file})
		file(READ ${root}/${file} hex HEX)
		string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
		string(APPEND text "static const char ${name}_${count}[] = {${bytes}0};\n")
		string(APPEND rows "\t{\"${file}\", ${name}_${count}},\n")
		math(EXPR count "${count} + 1")
	endforeach()
	set(table "static const struct {\n\tconst char *name, *text;\n} ${name}[] = {\n${rows}\t{0}};\n")
	file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/gen/${name}.h
		CONTENT "#ifndef EMBED_${name}_H\n#define EMBED_${name}_H\n${text}${table}#endif\n" @ONLY)
endfunction()
