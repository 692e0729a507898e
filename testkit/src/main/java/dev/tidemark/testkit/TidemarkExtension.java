package dev.tidemark.testkit;

import dev.tidemark.config.Scenario;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Hands tests a {@link Run}, or {@link Runs} to make some, and closes them after the test.
 *
 * <p>Of what, is said by {@link OnScenario} and {@link WithPolicies} or {@link WithoutPolicies}: on the parameter, the test method, its
 * class or an enclosing class, the nearest counts, for the scenario and for the policies apart. Each of the three registers this
 * extension by itself. A scenario made in Java comes by registering it as a field:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final TidemarkExtension tidemark = TidemarkExtension.on(scenario).with(policies);
 * }</pre>
 *
 * <p>Each parameter is a run of its own, also where two ask for the same. A method that is called before the test, and asks for the same as
 * the test does, shares it: the first such parameter of the one is the first of the other, and so on.
 *
 * <p><b>Thread:</b> tests may run in parallel; nothing is shared between them.
 */
public final class TidemarkExtension implements BeforeEachCallback, ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(TidemarkExtension.class);

    private final @Nullable Scenario scenario;
    private final @Nullable Policies policies;

    /** Of what, is said by annotations alone. */
    public TidemarkExtension() {
        this(null, null);
    }

    private TidemarkExtension(@Nullable Scenario scenario, @Nullable Policies policies) {
        this.scenario = scenario;
        this.policies = policies;
    }

    /** For tests that say no other scenario; without policies until {@link #with}. */
    public static TidemarkExtension on(Scenario scenario) {
        return new TidemarkExtension(scenario, null);
    }

    /** For tests that say no others, and are not {@link WithoutPolicies}. */
    public TidemarkExtension with(Policies those) {
        return new TidemarkExtension(scenario, those);
    }

    /** What a parameter asks for. Equal ones ask for the same. */
    private record Wish(Class<?> type, Optional<OnScenario> scenario, Optional<? extends Annotation> policies) {}

    /** Under which a run is kept for one test: the how manieth of its kind. */
    private record Key(Wish wish, int number) {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        Object said = context.getStore(NAMESPACE).get(TidemarkExtension.class);
        return (type == Run.class || type == Runs.class) && (said == null || said == this);
    }

    /** One that says something goes before the one that annotations bring. */
    @Override
    public void beforeEach(ExtensionContext context) {
        if (scenario != null || policies != null) {
            context.getStore(NAMESPACE).put(TidemarkExtension.class, this);
        }
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Method test = context.getTestMethod()
                .orElseThrow(() -> new ParameterResolutionException(
                        "a run belongs to one test: ask for it in a test method or in one that is called before each"));
        Parameter own = parameter.getParameter();
        Wish wish = wish(own, test, context);
        int number = 0;
        for (Parameter before : own.getDeclaringExecutable().getParameters()) {
            if (before.equals(own)) {
                break;
            }
            number += wish(before, test, context).equals(wish) ? 1 : 0;
        }
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(new Key(wish, number), key -> made(wish, context.getRequiredTestClass()));
    }

    private AutoCloseable made(Wish wish, Class<?> test) {
        Scenario played = wish.scenario().map(from -> scenario(from, test)).orElse(scenario);
        if (wish.type() == Runs.class) {
            return new Runs(played);
        }
        if (played == null) {
            throw new ParameterResolutionException(
                    "of which scenario? Annotate the parameter, the test or its class with"
                            + " @OnScenario, or register TidemarkExtension.on(scenario)");
        }
        Policies given = policies(wish.policies(), test);
        Run.Plan plan = Run.on(played);
        return given == null ? plan.withoutPolicies() : plan.with(given);
    }

    private @Nullable Policies policies(Optional<? extends Annotation> annotation, Class<?> test) {
        if (annotation.isEmpty()) {
            return policies;
        }
        return annotation.get() instanceof WithPolicies from
                ? new Policies(source("@WithPolicies", "policy.yaml", test, from.value(), from.file(), from.resource()))
                : null;
    }

    private static Scenario scenario(OnScenario from, Class<?> test) {
        return Scenarios.parse(
                source("@OnScenario", "scenario.yaml", test, from.value(), from.file(), from.resource()));
    }

    private static Source source(
            String annotation, String name, Class<?> test, String text, String file, String resource) {
        long given = Stream.of(text, file, resource).filter(it -> !it.isEmpty()).count();
        if (given != 1) {
            throw new ParameterResolutionException(
                    annotation + " has a text, a file or a resource, one of the three; this one has "
                            + (given == 0 ? "none" : given));
        }
        if (!file.isEmpty()) {
            return Source.file(Path.of(file));
        }
        return resource.isEmpty() ? new Source(name, text) : Source.resource(test, resource);
    }

    private static Wish wish(Parameter parameter, Method test, ExtensionContext context) {
        List<AnnotatedElement> near = new ArrayList<>(List.of(parameter, test));
        near.add(context.getRequiredTestClass());
        near.addAll(context.getEnclosingTestClasses().reversed());
        return new Wish(parameter.getType(), scenarioOf(near), policiesOf(near));
    }

    private static Optional<OnScenario> scenarioOf(List<AnnotatedElement> near) {
        return near.stream()
                .flatMap(element -> AnnotationSupport.findAnnotation(element, OnScenario.class).stream())
                .findFirst();
    }

    private static Optional<? extends Annotation> policiesOf(List<AnnotatedElement> near) {
        for (AnnotatedElement element : near) {
            Optional<WithPolicies> with = AnnotationSupport.findAnnotation(element, WithPolicies.class);
            Optional<WithoutPolicies> without = AnnotationSupport.findAnnotation(element, WithoutPolicies.class);
            if (with.isPresent() && without.isPresent()) {
                throw new ParameterResolutionException(element + " is both @WithPolicies and @WithoutPolicies");
            }
            if (with.isPresent() || without.isPresent()) {
                return with.isPresent() ? with : without;
            }
        }
        return Optional.empty();
    }
}
