/**
 * Shows what a policy file comes to: which files are read, what is made of them, when reclaim starts and stops, and how it takes
 * memory. As text for a terminal, as Mermaid for documents, as SVG for a browser; as text also with the values of a running agent.
 *
 * <p>Pure functions of policies; no thread, no clock, no file.
 */
@NullMarked
package dev.tidemark.agent.explain;

import org.jspecify.annotations.NullMarked;
