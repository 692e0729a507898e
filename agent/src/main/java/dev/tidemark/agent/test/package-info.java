/**
 * Tests of policies: a kernel that has nothing but written values, what is seen of an agent on it or on the model, what is expected of
 * that, and reports of where the two differ, for people and for build servers.
 *
 * <p>Everything runs in virtual time, on one thread; the agent itself is made by whoever calls.
 */
@NullMarked
package dev.tidemark.agent.test;

import org.jspecify.annotations.NullMarked;
