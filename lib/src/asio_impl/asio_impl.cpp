// Boost.Asio's non-template bodies, compiled once for the whole house (a third of the compile time of
// every file that includes Asio). Nothing else belongs here.
#include <boost/asio/impl/src.hpp>
