// Tests of fakemx/demo/words.hpp: the list holds every word, and each example is understood.
#include "fakemx/demo/faults.hpp"
#include "fakemx/demo/sites.hpp"
#include "fakemx/demo/words.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using namespace cbv::fakemx;
using namespace cbv::fakemx::demo;

TEST(demo_words, every_example_is_understood) {
    for (const auto& w : all_words("demo.test")) {
        const auto sign = w.example.find('@');
        const auto local = read_local_part(w.example.substr(0, sign), at::rcpt);
        EXPECT_TRUE(local.problem.empty()) << w.example << ": " << local.problem;
        const auto labels = labels_before(w.example.substr(sign + 1), "demo.test");
        ASSERT_TRUE(labels) << w.example;
        if (!labels->empty()) {
            EXPECT_EQ(read_site(*labels).problem, "") << w.example;
        }
    }
}

TEST(demo_words, the_list_holds_every_word_once) {
    std::set<std::string> forms;
    std::set<std::string> examples;
    for (const auto& w : all_words("x.test")) {
        EXPECT_TRUE(w.form.empty() || forms.insert(w.form).second) << w.form;
        EXPECT_TRUE(examples.insert(w.example).second || w.form == "any-WORD@") << w.example;
        EXPECT_TRUE(w.example.ends_with("x.test"));
        EXPECT_FALSE(w.group.empty());
    }
    for (const auto& r : named_replies())
        EXPECT_TRUE(forms.contains(std::string{r.name} + "@")) << r.name;
    for (const auto& e : effect_words())
        EXPECT_TRUE(forms.contains(std::string{e.name}.append(e.parameter) + "@")) << e.name;
    for (const auto& s : site_words())
        EXPECT_TRUE(forms.contains("@" + std::string{s.name}.append(s.parameter) + ".")) << s.name;
}

TEST(demo_words, a_near_word_is_found) {
    EXPECT_EQ(nearest_word("slwo", false), "slow");
    EXPECT_EQ(nearest_word("gray", false), "grey");
    EXPECT_EQ(nearest_word("greylist", false), "");
    EXPECT_EQ(nearest_word("nxdomian", true), "nxdomain");
    EXPECT_EQ(nearest_word("nxdomian", false), "");
    EXPECT_EQ(nearest_word("", true), "");
    EXPECT_EQ(nearest_word("jane", true), "");
}

} // namespace
