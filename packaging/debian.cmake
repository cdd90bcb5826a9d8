# Debian packages by `cpack -G DEB` (./run package): cbv, which has programs and suite, and libcbv-dev.
# debian/finish.cmake then does to the trees what Debian wants and other systems do not.
if(NOT TARGET cbv_python OR NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
set(CPACK_PACKAGE_NAME cbv)
set(CPACK_PACKAGE_VENDOR "the cbv project")
set(CPACK_PACKAGE_CONTACT "cbv maintainers <maintainers@cbv.invalid>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL programs suite development)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME cbv)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
# The extension module runs with one version of Python; dh_python3 would say it in the same way.
execute_process(COMMAND ${Python_EXECUTABLE} -c
  "from sys import version_info as v; print(f'python3 (>= {v[0]}.{v[1]}~), python3 (<< {v[0]}.{v[1] + 1})', end='')"
  OUTPUT_VARIABLE this_python COMMAND_ERROR_IS_FATAL ANY)
# util-linux is needed too, and essential: it is not to be named.
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "${this_python}, python3-pytest, iproute2, mount, xsltproc")
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS uidmap)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS "libcbv-dev, npm")
set(CPACK_DEBIAN_TOOLS_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_SOURCE_DIR}/debian/postinst ${CMAKE_CURRENT_SOURCE_DIR}/debian/prerm)
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "call-back verification of SMTP return paths, and its conformance suite
When a mail server receives MAIL FROM:<user@example.org>, it can call the mail
exchanger of example.org and learn whether a bounce would be taken. cbv asks
for one address; cbv-conformance tests implementations (Exim, Postfix, policy
servers, milters, programs of your own) against the rules of a draft, in a
network namespace of its own; fake-mx serves fake mail exchangers with every
trouble one can have; cbv-refserver is an SMTP server that verifies.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libcbv-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libboost1.81-dev | libboost-dev (>= 1.81), libc-ares-dev, libidn2-dev, libpugixml-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "cbv, cmake, pkg-config")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "call-back verification of SMTP return paths (C++ library)
The rules of call-back verification as state machines without sockets, a
verifier on Boost.Asio and c-ares, and fake mail exchangers for tests. Static
libraries, with a CMake package and pkg-config files.")

string(TIMESTAMP CBV_DEBIAN_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(debian/changelog.in debian-changelog @ONLY)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/debian/finish.cmake)
set(CPACK_CBV_CHANGELOG ${CMAKE_CURRENT_BINARY_DIR}/debian-changelog)
set(CPACK_CBV_OVERRIDES ${CMAKE_CURRENT_SOURCE_DIR}/debian/lintian-overrides)
set(CPACK_CBV_COPYRIGHT ${PROJECT_SOURCE_DIR}/LICENSE)

include(CPack)
cpack_add_component_group(tools)
cpack_add_component(programs GROUP tools)
cpack_add_component(suite GROUP tools)
cpack_add_component(development GROUP development)
