package dev.tidemark.agent.test;

import dev.tidemark.agent.xml.Xml;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How tests have ended, for build servers: XML as JUnit's runners write it, each file a {@code testsuite} as Surefire's schema has it
 * (https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd). Pure.
 */
public final class JUnitXml {

    private static final double NANOS_PER_SECOND = 1e9;

    private final List<Suite> suites = new ArrayList<>();

    private record Case(Verdict verdict, long tookNanos) {}

    private record Suite(String file, String problems, List<Case> cases) {}

    /** A file that could not be read: one test that ends in an error. */
    public void unreadable(String file, String problems) {
        suites.add(new Suite(file, problems, List.of()));
    }

    /** A file of tests; {@link #add} puts them in. */
    public void file(String file) {
        suites.add(new Suite(file, "", new ArrayList<>()));
    }

    /** A test of the latest file. */
    public void add(Verdict verdict, long tookNanos) {
        suites.getLast().cases.add(new Case(verdict, tookNanos));
    }

    /** The whole document. */
    public String text() {
        StringBuilder out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
        suites.forEach(suite -> suite(suite, out));
        return out.append("</testsuites>\n").toString();
    }

    private static void suite(Suite suite, StringBuilder out) {
        boolean unreadable = !suite.problems.isEmpty();
        long failed = suite.cases.stream().filter(it -> !it.verdict.passed()).count();
        long took = suite.cases.stream().mapToLong(Case::tookNanos).sum();
        out.append("  <testsuite name=\"%s\" tests=\"%d\" errors=\"%d\" skipped=\"0\" failures=\"%d\" time=\"%s\">\n"
                .formatted(
                        Xml.escaped(suite.file),
                        unreadable ? 1 : suite.cases.size(),
                        unreadable ? 1 : 0,
                        failed,
                        seconds(took)));
        if (unreadable) {
            out.append("    <testcase name=\"can be read\" classname=\"%s\" time=\"0.000\">\n"
                    .formatted(Xml.escaped(suite.file)));
            element("error", suite.problems.lines().findFirst().orElse(""), suite.problems, out);
            out.append("    </testcase>\n");
        }
        suite.cases.forEach(it -> testCase(suite.file, it, out));
        out.append("  </testsuite>\n");
    }

    private static void testCase(String file, Case it, StringBuilder out) {
        out.append("    <testcase name=\"%s\" classname=\"%s\" time=\"%s\""
                .formatted(Xml.escaped(it.verdict.test().name()), Xml.escaped(file), seconds(it.tookNanos)));
        if (it.verdict.passed()) {
            out.append("/>\n");
            return;
        }
        out.append(">\n");
        Failure first = it.verdict.failures().getFirst();
        String message = "%s:%d: %s, %s: expected %s, seen %s"
                .formatted(file, first.place().line(), first.when(), first.subject(), first.expected(), first.seen());
        element("failure", message, String.join("\n", TextReport.failures(file, it.verdict)), out);
        out.append("    </testcase>\n");
    }

    private static void element(String name, String message, String text, StringBuilder out) {
        out.append("      <%s message=\"%s\" type=\"%s\">%s</%s>\n"
                .formatted(
                        name,
                        Xml.escaped(message),
                        name.equals("error") ? "UnreadableFile" : "PolicyTestFailure",
                        Xml.escaped(text),
                        name));
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / NANOS_PER_SECOND);
    }
}
