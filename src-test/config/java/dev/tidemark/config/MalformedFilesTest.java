package dev.tidemark.config;

import static dev.tidemark.config.Placed.assertPlaced;
import static dev.tidemark.config.Reading.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.support.Check;
import dev.tidemark.support.Gen;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A thousand malformed config files, and more: problems with a place, never an exception. */
class MalformedFilesTest {
    private static final String POLICIES = """
            version: 1
            let:
              mark: 80% of limit
              calm: 500ms
            workqueue: {workers: 8, length: 99}
            policies:
              - name: batch   # a comment
                cgroups: ["batch.slice/*.service", 'x/**', "{a,b}/[c-d]?"]
                exclude:
                  - batch.slice/important.service
                period: 250ms
                start: >-
                  usage > 80% of limit
                  or (psi.some over 2s > 1%
                      and not rate(pgscan, 5s) > 1000/s) for 1s hold 2s
                stop: "usage < 70% of limit \\
                  or delta(refault, 3s) >= 5 * 2"
                reclaim:
                  law: fixed
                  batch: 32pages
                  swappiness: max
                limits: { bytes: 128MiB/s, floor: 1%, deadline: 2s }
                cooldown: 1.5m
              - name: other
                cgroups: [other]
                watch: [service/*]
                let: {busy: 'psi.some trigger 150ms/1s then rising(usage > mark) hold calm within 5s'}
                start: >
                  2 of (busy, count(usage > limit, 1m tumbling) > 3, cgroup("a/b").refault.ratio over 10s > 5%)
                  and sum(usage) > 10% of host.total
                stop: |
                  usage - 4MiB < high or changed(limit) or quantile(ewma(usage, 5s), 95%, 1m) < 4MiB
                no_data: hold
            """;

    private static final String SCENARIO = """
            version: 1
            seed: 7
            duration: 30s
            host: {memory: 2GiB, cpus: 2, swap: 0}
            cgroups:
              - {path: a, max: 32MiB, high: max, low: 8MiB, min: 1page, swap_max: 0}
            workloads:
              - cgroup: a
                name: writer
                start: 1s
                repeat: 2
                steps:
                  - write: {file: data, size: 64MiB, rate: 200MiB/s, chunk: 4KiB}
                  - {read: {file: data, rate: 1GiB/s, times: 2}}
                  - {allocate: {name: heap, size: 10MiB}}
                  - {touch: {name: heap}}
                  - {free: heap}
                  - {remove: data}
                  - {sleep: 2s}
            """;

    @Test
    void theOriginalsAreValid() {
        assertThat(policies(POLICIES)).isInstanceOf(Checked.Valid.class);
        assertThat(scenario(SCENARIO)).isInstanceOf(Checked.Valid.class);
    }

    @Test
    void mutatedPolicyFiles() {
        Check.forAll(2000, mutated(POLICIES), text -> assertPlaced(text, policies(text)));
    }

    @Test
    void mutatedScenarios() {
        Check.forAll(1000, mutated(SCENARIO), text -> assertPlaced(text, scenario(text)));
    }

    @Test
    void mutatedPolicyTests() {
        assertThat(PolicyTestFileTest.parse(PolicyTestFileTest.FULL)).isInstanceOf(Checked.Valid.class);
        Check.forAll(
                2000, mutated(PolicyTestFileTest.FULL), text -> assertPlaced(text, PolicyTestFileTest.parse(text)));
    }

    @Test
    void anyText() {
        Check.forAll(1000, Gen.anyStrings(), text -> assertPlaced(text, policies(text)));
        Check.forAll(1000, Gen.strings(" \n\t-:[]{}'\"&*!|>%@`#,?a1\\\r~\uFEFF\u0085\u2028"), text -> {
            assertPlaced(text, policies(text));
            String within = "version: 1\npolicies: " + text;
            assertPlaced(within, policies(within));
            String tests = "version: 1\npolicies: p.yaml\ntests: " + text;
            assertPlaced(tests, PolicyTestFileTest.parse(tests));
        });
    }

    @Test
    void anyExpression() {
        Gen<String> words = Gen.lists(Gen.of(
                        "usage",
                        "psi.some",
                        "limit",
                        "and",
                        "or",
                        "not",
                        "for",
                        "hold",
                        "then",
                        "within",
                        "tumbling",
                        "trigger",
                        "quantile",
                        "count",
                        "rising",
                        "changed",
                        "sum",
                        "any",
                        "max",
                        "smoothed",
                        "cgroup",
                        "\"a\"",
                        ".",
                        "host.available",
                        "refault.ratio",
                        "2 of (",
                        "over",
                        "of",
                        "rate",
                        "delta",
                        "(",
                        ")",
                        ",",
                        ">",
                        "<=",
                        "==",
                        "+",
                        "-",
                        "*",
                        "/",
                        "5%",
                        "2s",
                        "64MiB",
                        "1000/s",
                        "0",
                        "7",
                        "x",
                        "&&",
                        "=",
                        "%",
                        "9XB",
                        "\u00E9"))
                .map(list -> String.join(" ", list));
        Check.forAll(3000, words, Reading::exprProblems);
        Check.forAll(1000, Gen.anyStrings(), Reading::exprProblems);
    }

    /** Each of these changes makes the file wrong, wherever it is made. */
    @Test
    void certainlyWrongFilesAreInvalid() {
        Gen<String> wrong = (random, size) -> {
            List<String> lines = new ArrayList<>(POLICIES.lines().toList());
            List<String> keys = List.of(
                    "version",
                    "policies",
                    "name",
                    "cgroups",
                    "start",
                    "stop",
                    "period",
                    "reclaim",
                    "batch",
                    "law",
                    "swappiness",
                    "limits",
                    "cooldown",
                    "exclude",
                    "let",
                    "watch",
                    "no_data",
                    "workqueue");
            String key = keys.get(random.nextInt(keys.size()));
            int at = 0;
            while (!lines.get(at).matches("[ -]*" + key + ":.*")) {
                at++;
            }
            String line = lines.get(at);
            String indent = line.substring(0, line.indexOf(key));
            switch (random.nextInt(4)) {
                case 0 -> lines.set(at, line.replaceFirst(key, key.substring(1)));
                case 1 -> lines.set(at, line.replaceFirst(key, key + "x"));
                case 2 -> lines.add(at, indent + key + ": &a");
                default -> lines.set(at, indent.replace(' ', '\t') + "\t" + line);
            }
            return String.join("\n", lines);
        };
        Check.forAll(wrong, text -> {
            Checked<PolicyFile> checked = policies(text);
            assertThat(checked).isInstanceOf(Checked.Invalid.class);
            assertPlaced(text, checked);
        });
    }

    private static Gen<String> mutated(String original) {
        return (random, size) -> {
            String text = original;
            for (int changes = 1 + random.nextInt(1 + size / 10); changes > 0; changes--) {
                text = mutate(text, random);
            }
            return text;
        };
    }

    private static String mutate(String text, SplittableRandom random) {
        if (text.isEmpty()) {
            return text;
        }
        int from = random.nextInt(text.length());
        int to = Math.min(text.length(), from + 1 + random.nextInt(8));
        return switch (random.nextInt(8)) {
            case 0 -> text.substring(0, from) + text.substring(to);
            case 1 -> text.substring(0, from) + (char) random.nextInt(1, 0x180) + text.substring(from);
            case 2 -> text.substring(0, from) + text.substring(from, to).repeat(3) + text.substring(to);
            case 3 -> text.substring(0, from);
            case 4 -> {
                List<String> lines = new ArrayList<>(text.lines().toList());
                Collections.swap(lines, random.nextInt(lines.size()), random.nextInt(lines.size()));
                yield String.join("\n", lines);
            }
            case 5 -> {
                List<String> lines = new ArrayList<>(text.lines().toList());
                lines.remove(random.nextInt(lines.size()));
                yield String.join("\n", lines);
            }
            case 6 -> {
                String[] parts = text.split("(?<=[:,\\[{]) ?", -1);
                List<String> odd =
                        List.of("[]", "{}", "~", "-1", "*a", "&a x", "!!int 3", "1e999", "'", "\"\\x", "|", "5q");
                parts[random.nextInt(parts.length)] = odd.get(random.nextInt(odd.size()));
                yield String.join(" ", Arrays.asList(parts));
            }
            default -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                yield new String(bytes, StandardCharsets.UTF_8);
            }
        };
    }

    private static Checked<PolicyFile> policies(String text) {
        return PolicyFile.parse("f", text, HOST);
    }

    private static Checked<Scenario> scenario(String text) {
        return Scenario.parse("f", text);
    }
}
