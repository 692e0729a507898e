package dev.tidemark.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs handed to a test have no agent: what the kernel does by itself. Most often on one parameter of two, for comparison.
 *
 * @see TidemarkExtension
 */
@Documented
@Inherited
@ExtendWith(TidemarkExtension.class)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface WithoutPolicies {}
