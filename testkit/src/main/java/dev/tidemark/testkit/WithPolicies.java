package dev.tidemark.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The policies of the agent in runs handed to a test: exactly one of the three. On a parameter it is for that, on a method for its parameters,
 * on a class for its tests and those of nested classes; the nearest counts.
 *
 * @see TidemarkExtension
 */
@Documented
@Inherited
@ExtendWith(TidemarkExtension.class)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface WithPolicies {

    /** The text of a policy file. */
    String value() default "";

    /** The path of a policy file; a relative one is from where tests run, with Maven and Gradle the module's folder. */
    String file() default "";

    /** A policy file on the class path: from the package of the test, with a leading slash from the root. */
    String resource() default "";
}
