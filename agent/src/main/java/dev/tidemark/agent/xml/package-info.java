/** What all writers of XML, SVG and HTML share. */
@NullMarked
package dev.tidemark.agent.xml;

import org.jspecify.annotations.NullMarked;
