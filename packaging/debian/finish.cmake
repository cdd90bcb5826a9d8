# Run by cpack between installing into a scratch tree and packing it, for each package: compressed manual
# pages and changelogs, the copyright where Debian looks for it, stripped code, and the Python packages
# where Debian's Python finds them.
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(compressed file)
  run(gzip -9nf ${file})
endfunction()

function(finish tree package)
  set(doc ${tree}/usr/share/doc/${package})
  file(MAKE_DIRECTORY ${doc})
  file(REMOVE ${doc}/LICENSE)
  configure_file(${CPACK_CBV_COPYRIGHT} ${doc}/copyright COPYONLY)
  configure_file(${CPACK_CBV_CHANGELOG} ${doc}/changelog.Debian COPYONLY)
  compressed(${doc}/changelog.Debian)
  if(EXISTS ${doc}/CHANGELOG.md)
    file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
    compressed(${doc}/changelog)
  endif()

  configure_file(${CPACK_CBV_OVERRIDES} ${tree}/usr/share/lintian/overrides/${package} COPYONLY)

  file(GLOB pages ${tree}/usr/share/man/*/*)
  foreach(page IN LISTS pages)
    compressed(${page})
  endforeach()

  file(GLOB programs ${tree}/usr/bin/cbv ${tree}/usr/bin/fake-mx ${tree}/usr/bin/cbv-refserver
    ${tree}/usr/lib/cbv/python/cbv/*.so)
  foreach(program IN LISTS programs)
    run(strip --strip-unneeded --remove-section=.comment --remove-section=.note ${program})
  endforeach()
  file(GLOB archives ${tree}/usr/lib/*.a ${tree}/usr/lib/*/*.a)
  foreach(archive IN LISTS archives)
    run(strip --strip-debug --remove-section=.comment --enable-deterministic-archives ${archive})
  endforeach()
  file(CHMOD ${programs} ${archives} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  file(GLOB executables ${tree}/usr/bin/*)
  if(executables)
    file(CHMOD ${executables} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
      WORLD_READ WORLD_EXECUTE)
  endif()

  if(EXISTS ${tree}/usr/lib/pkgconfig)
    # Where a cross-compiling pkg-config looks as well; that is one level deeper.
    execute_process(COMMAND dpkg-architecture -qDEB_HOST_MULTIARCH OUTPUT_VARIABLE triplet
      OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    file(GLOB descriptions ${tree}/usr/lib/pkgconfig/*.pc)
    foreach(description IN LISTS descriptions)
      file(READ ${description} text)
      string(REGEX REPLACE "prefix=[^\n]*" "prefix=/usr" text "${text}")
      cmake_path(GET description FILENAME name)
      file(WRITE ${tree}/usr/lib/${triplet}/pkgconfig/${name} "${text}")
    endforeach()
    file(REMOVE_RECURSE ${tree}/usr/lib/pkgconfig)
  endif()

  if(EXISTS ${tree}/usr/lib/cbv/python)
    set(python ${tree}/usr/lib/python3/dist-packages)
    file(MAKE_DIRECTORY ${python})
    foreach(name cbv cbv_conformance)
      file(CREATE_LINK ../../cbv/python/${name} ${python}/${name} SYMBOLIC)
    endforeach()
  endif()
endfunction()

if(EXISTS ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/tools)
  finish(${CPACK_TEMPORARY_INSTALL_DIRECTORY}/tools cbv)
endif()
if(EXISTS ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/development)
  finish(${CPACK_TEMPORARY_INSTALL_DIRECTORY}/development libcbv-dev)
endif()
