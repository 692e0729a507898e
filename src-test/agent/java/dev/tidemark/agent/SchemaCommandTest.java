package dev.tidemark.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.config.PolicySchema;
import dev.tidemark.config.PolicyTestSchema;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class SchemaCommandTest {

    @Test
    void printsTheSchemaAndNothingElse() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();

        int status = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute("schema");

        assertThat(status).isEqualTo(ExitStatus.OK);
        assertThat(out).hasToString(PolicySchema.json());
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void printsThatOfPolicyTestsToo() {
        StringWriter out = new StringWriter();

        int status = Main.commandLine().setOut(new PrintWriter(out)).execute("schema", "--tests");

        assertThat(status).isEqualTo(ExitStatus.OK);
        assertThat(out).hasToString(PolicyTestSchema.json());
    }
}
