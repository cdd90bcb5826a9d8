<?xml version="1.0" encoding="UTF-8"?>
<!-- The draft as one HTML page: contents, numbers, anchors, references. XSLT 1.0, so that xsltproc
     alone renders it. It stops on an element it does not know and on an xref without a target; it
     does not produce the boilerplate of a submitted Internet-Draft (the text rendering does). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat"/>
  <xsl:strip-space elements="rfc front middle back section dl ul ol table thead tbody tr references
                             reference abstract"/>
  <xsl:key name="anchor" match="*[@anchor]" use="@anchor"/>

  <xsl:template match="/rfc">
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title><xsl:value-of select="front/title"/></title>
        <style>
          :root { color-scheme: light dark; --text: #1b1b1b; --page: #fff; --line: #b5b5b5;
                  --soft: #f3f3f1; --link: #0b4f9e; }
          @media (prefers-color-scheme: dark) {
            :root { --text: #dcdcd8; --page: #17181a; --line: #55585c; --soft: #232528; --link: #8ab8f0; }
          }
          body { font: 16px/1.55 sans-serif; color: var(--text); background: var(--page);
                 max-width: 46em; margin: 2em auto; padding: 0 1em; overflow-wrap: break-word; }
          h1 { line-height: 1.2; } h2 { margin-top: 2.2em; border-bottom: 1px solid var(--line); }
          h2, h3 { line-height: 1.3; } a { color: var(--link); }
          .wide { overflow-x: auto; margin: 1.2em 0; }
          table { border-collapse: collapse; font-size: .92em; line-height: 1.4; }
          td, th { border: 1px solid var(--line); padding: .15em .5em; vertical-align: top; }
          th { background: var(--soft); }
          th, caption { text-align: left; } caption { font-weight: bold; padding: .3em 0; }
          pre { background: var(--soft); padding: .6em; overflow-x: auto; font-size: .87em; line-height: 1.35; }
          code { font-size: .93em; } dt { font-weight: bold; margin-top: .8em; } dd { margin-left: 1.5em; }
          dd > p:first-child { margin-top: .2em; } ol > li, ul > li { margin: .35em 0; }
          .id { white-space: nowrap; } .bcp14 { font-variant: small-caps; font-weight: bold; }
          dt a { color: inherit; text-decoration: none; } :target { background: var(--soft); scroll-margin-top: 3em; }
          ul.toc, .toc ul { padding-left: 1.2em; } ul.toc { padding-left: 0; }
          li.toc { list-style: none; margin: .1em 0; }
          @media (max-width: 30em) { body { margin: 1em auto; } dd { margin-left: .7em; } }
          @media print { body { max-width: none; } a { color: inherit; } }
        </style>
      </head>
      <body>
        <h1><xsl:value-of select="front/title"/></h1>
        <p>
          <xsl:value-of select="@docName"/>, <xsl:for-each select="front/author">
            <xsl:value-of select="(@fullname | organization[not(../@fullname)])[1]"/>, </xsl:for-each>
          <xsl:value-of select="concat(front/date/@day, ' ', front/date/@month, ' ', front/date/@year)"/>,
          intended status: <xsl:choose>
            <xsl:when test="@category = 'exp'">Experimental</xsl:when>
            <xsl:otherwise>Informational</xsl:otherwise>
          </xsl:choose>
        </p>
        <h2>Abstract</h2>
        <xsl:apply-templates select="front/abstract/*"/>
        <h2>Table of Contents</h2>
        <ul class="toc"><xsl:apply-templates select="middle/section | back/references | back/section" mode="toc"/></ul>
        <xsl:apply-templates select="middle/section | back/references | back/section"/>
        <h2>Author<xsl:if test="not(front/author[2])">'s Address</xsl:if><xsl:if test="front/author[2]">s' Addresses</xsl:if></h2>
        <xsl:for-each select="front/author">
          <p>
            <xsl:for-each select="@fullname | organization | address/postal/postalLine | address/email | address/uri">
              <xsl:if test="position() > 1"><br/></xsl:if>
              <xsl:if test="self::email">Email: </xsl:if><xsl:if test="self::uri">URI: </xsl:if>
              <xsl:value-of select="."/>
              <xsl:if test="not(self::*) and ../@role = 'editor'"> (editor)</xsl:if>
            </xsl:for-each>
          </p>
        </xsl:for-each>
      </body>
    </html>
  </xsl:template>

  <!-- Numbers: sections 1, 1.1; the references follow the last section; appendices are letters. -->
  <xsl:template match="middle//section" mode="number">
    <xsl:number level="multiple" count="section" format="1.1"/>
  </xsl:template>
  <xsl:template match="back//section" mode="number">
    <xsl:number level="multiple" count="section" format="A.1"/>
  </xsl:template>
  <xsl:template match="references" mode="number">
    <xsl:value-of select="count(/rfc/middle/section) + 1"/>
    <xsl:if test="parent::references">.<xsl:number count="references"/></xsl:if>
  </xsl:template>

  <xsl:template match="section | references" mode="toc">
    <li class="toc">
      <xsl:apply-templates select="." mode="number"/>. <a>
        <xsl:attribute name="href">#<xsl:apply-templates select="." mode="id"/></xsl:attribute>
        <xsl:value-of select="name"/>
      </a>
      <xsl:if test="section | references">
        <ul><xsl:apply-templates select="section | references" mode="toc"/></ul>
      </xsl:if>
    </li>
  </xsl:template>
  <xsl:template match="*" mode="id"><xsl:value-of select="@anchor"/></xsl:template>
  <xsl:template match="back/references" mode="id">references</xsl:template>

  <xsl:template match="section | references">
    <div>
      <xsl:attribute name="id"><xsl:apply-templates select="." mode="id"/></xsl:attribute>
      <xsl:element name="h{count(ancestor-or-self::section | ancestor-or-self::references) + 1}">
        <xsl:apply-templates select="." mode="number"/>. <xsl:value-of select="name"/>
      </xsl:element>
      <xsl:apply-templates select="*[not(self::name)]"/>
    </div>
  </xsl:template>

  <xsl:template match="t"><p><xsl:call-template name="id"/><xsl:apply-templates/></p></xsl:template>
  <xsl:template match="dl | ul | ol"><xsl:element name="{name()}"><xsl:apply-templates/></xsl:element></xsl:template>
  <xsl:template match="dd | li"><xsl:element name="{name()}"><xsl:apply-templates/></xsl:element></xsl:template>
  <xsl:template match="dt"><dt><xsl:apply-templates/></dt></xsl:template>
  <xsl:template match="dl[@newline]/dt"><dt><a href="#{.}"><xsl:value-of select="."/></a></dt></xsl:template>
  <xsl:template match="artwork"><pre><xsl:value-of select="."/></pre></xsl:template>
  <!-- A wide table scrolls by itself, so that the text around it need not. -->
  <xsl:template match="table">
    <div class="wide">
      <table>
        <xsl:call-template name="id"/>
        <caption>Table <xsl:number level="any" count="table"/>: <xsl:value-of select="name"/></caption>
        <xsl:apply-templates select="thead | tbody"/>
      </table>
    </div>
  </xsl:template>
  <xsl:template match="thead | tbody | tr | th | td">
    <xsl:element name="{name()}"><xsl:apply-templates/></xsl:element>
  </xsl:template>
  <xsl:template match="td[starts-with(., 'CBV-')]"><td class="id"><xsl:apply-templates/></td></xsl:template>
  <xsl:template match="tt"><code><xsl:apply-templates/></code></xsl:template>
  <xsl:template match="bcp14"><span class="bcp14"><xsl:apply-templates/></span></xsl:template>

  <xsl:template match="xref">
    <xsl:variable name="target" select="key('anchor', @target)"/>
    <xsl:if test="not($target)">
      <xsl:message terminate="yes">xref to an unknown anchor: <xsl:value-of select="@target"/></xsl:message>
    </xsl:if>
    <xsl:if test="@section">
      <a href="{substring-before($target/@target, '/info/')}/rfc/{substring-after($target/@target, '/info/')}#section-{@section}">Section <xsl:value-of select="@section"/></a> of </xsl:if>
    <a href="#{@target}">
      <xsl:if test="@format = 'none'"><xsl:attribute name="class">id</xsl:attribute></xsl:if>
      <xsl:choose>
        <xsl:when test="@format = 'none'"><xsl:value-of select="."/></xsl:when>
        <xsl:when test="$target/self::reference">[<xsl:value-of select="@target"/>]</xsl:when>
        <xsl:when test="$target/self::table">Table <xsl:for-each select="$target"><xsl:number level="any" count="table"/></xsl:for-each></xsl:when>
        <xsl:when test="$target/ancestor::back and $target/parent::back">Appendix <xsl:apply-templates select="$target" mode="number"/></xsl:when>
        <xsl:otherwise>Section <xsl:apply-templates select="$target" mode="number"/></xsl:otherwise>
      </xsl:choose>
    </a>
  </xsl:template>

  <xsl:template match="reference">
    <p id="{@anchor}">[<xsl:value-of select="@anchor"/>] <xsl:for-each select="front/author">
        <xsl:value-of select="@fullname | organization"/>, </xsl:for-each>
      "<xsl:value-of select="front/title"/>"<xsl:for-each select="seriesInfo">, <xsl:value-of select="concat(@name, ' ', @value)"/>
      </xsl:for-each>
      <xsl:if test="refcontent">, <xsl:value-of select="refcontent"/></xsl:if>
      <xsl:for-each select="front/date">, <xsl:if test="@day"><xsl:value-of select="concat(@day, ' ')"/></xsl:if>
        <xsl:value-of select="concat(@month, ' ', @year)"/></xsl:for-each>
      <xsl:if test="@target">, <a href="{@target}"><xsl:value-of select="@target"/></a></xsl:if>.</p>
  </xsl:template>

  <xsl:template name="id"><xsl:if test="@anchor"><xsl:attribute name="id"><xsl:value-of select="@anchor"/></xsl:attribute></xsl:if></xsl:template>
  <xsl:template match="*">
    <xsl:message terminate="yes">no rendering for the element: <xsl:value-of select="name()"/></xsl:message>
  </xsl:template>
</xsl:stylesheet>
