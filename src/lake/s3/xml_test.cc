#include "lake/s3/xml.h"

#include <gtest/gtest.h>

namespace millrace::lake::s3 {
namespace {

TEST(XmlTest, is_read_by_paths_whatever_the_namespace) {
  const auto document = XmlDocument::parse(
      "<?xml version=\"1.0\"?><s3:List xmlns:s3=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
      "<Contents><Key>a</Key><Owner><ID>1</ID></Owner></Contents><Contents><Key>b</Key></Contents></s3:List>",
      "List");

  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->root().text("Name"), "b");
  EXPECT_EQ(document->root().text("Contents/Owner/ID"), "1");
  EXPECT_EQ(document->root().find("Prefix"), std::nullopt);
  const auto contents = document->root().children("Contents");
  ASSERT_EQ(contents.size(), 2U);
  EXPECT_EQ(contents[1].text("Key"), "b");
  EXPECT_EQ(document->root().children("Contents/Key").size(), 2U);
  EXPECT_EQ(document->root().children().size(), 3U);
}

TEST(XmlTest, keeps_blanks_controls_and_bytes_of_keys) {
  const auto document =
      XmlDocument::parse("<L><Key> a &lt;&amp;&gt; &#x1;&#10;\xc3\xbc </Key><Key><![CDATA[<x>]]></Key><E/></L>");

  ASSERT_TRUE(document);
  const auto keys = document->root().children("Key");
  EXPECT_EQ(keys.at(0).text(), " a <&> \x01\n\xc3\xbc ");
  EXPECT_EQ(keys.at(1).text(), "<x>");
  EXPECT_EQ(document->root().find("E"), "");
}

TEST(XmlTest, that_is_none_says_how_it_begins) {
  const auto page = XmlDocument::parse("<html><body>Bad Gateway</body></html>", "Error");
  const auto cut = XmlDocument::parse("<Error><Code>Slow", "Error");
  const auto empty = XmlDocument::parse("");

  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::unavailable);
  EXPECT_NE(page.error().message.find("found <html>, expected <Error>; it starts with: <html><body>Bad"),
            std::string::npos)
      << page.error().message;
  EXPECT_FALSE(cut);
  EXPECT_FALSE(empty);
}

TEST(XmlTest, with_a_dtd_expands_nothing) {
  const auto bomb = XmlDocument::parse(
      "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]><L><K>&a;&x;</K></L>");

  ASSERT_TRUE(bomb) << bomb.error().message;
  EXPECT_EQ(bomb->root().text("K"), "&a;&x;");
}

TEST(XmlTest, escaped_text_comes_back_as_it_was) {
  const std::string text = "a<b>&\"c' \x01\t\n\x7f \xc3\xbc";

  const auto document = XmlDocument::parse("<K a=\"" + xml_escaped("<\">") + "\">" + xml_escaped(text) + "</K>");

  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().text(), text);
  EXPECT_EQ(document->root().attribute("a"), "<\">");
  EXPECT_EQ(document->root().attribute("b"), "");
}

}  // namespace
}  // namespace millrace::lake::s3
